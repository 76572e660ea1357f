/** What happened, in order: a hash of it, the last lines, and counts by kind. */
export class Trace {
	#high = 0x811c9dc5;
	#low = 0x9e3779b9;
	readonly #print: ((line: string) => void) | undefined;
	readonly counts = new Map<string, number>();

	constructor(print: ((line: string) => void) | undefined) {
		this.#print = print;
	}

	note(at: number, what: string): void {
		const line = `${at.toFixed(3).padStart(11)} ${what}`;
		for (let i = 0; i < line.length; i++) {
			this.#high = Math.imul(this.#high ^ line.charCodeAt(i), 0x01000193);
			this.#low = Math.imul(this.#low ^ line.charCodeAt(i), 0x85ebca6b) + (this.#high >>> 13);
		}
		this.#print?.(line);
	}

	/** Not part of the trace: only for whoever reads it. */
	remark(at: number, what: string): void {
		this.#print?.(`${at.toFixed(3).padStart(11)}   · ${what}`);
	}

	count(kind: string): void {
		this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
	}

	get hash(): string {
		return [this.#high, this.#low].map((part) => (part >>> 0).toString(16).padStart(8, '0')).join('');
	}
}

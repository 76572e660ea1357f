import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** Reads what was added to a log since it looked last, also across the moment when a new file takes its place. */
export class LogReader {
	readonly #path: string;
	#file: number | undefined;
	#position = 0;
	/** The beginning of a line whose end is not written yet. */
	#rest = '';

	constructor(path: string) {
		this.#path = path;
	}

	read(): string[] {
		const lines = this.#readHeld();
		if (!this.#isReplaced()) return lines;
		this.#reopen();
		return [...lines, ...this.#readHeld()];
	}

	#readHeld(): string[] {
		if (this.#file === undefined) return [];
		const length = fstatSync(this.#file).size - this.#position;
		if (length <= 0) return [];
		const bytes = Buffer.alloc(length);
		const read = readSync(this.#file, bytes, 0, length, this.#position);
		this.#position += read;
		const lines = (this.#rest + bytes.toString('utf8', 0, read)).split('\n');
		this.#rest = lines.pop()!;
		return lines;
	}

	#isReplaced(): boolean {
		const current = this.#open();
		if (current === undefined) return false;
		const isReplaced = this.#file === undefined || fstatSync(current).ino !== fstatSync(this.#file).ino;
		closeSync(current);
		return isReplaced;
	}

	#reopen(): void {
		if (this.#file !== undefined) closeSync(this.#file);
		this.#file = this.#open();
		this.#position = 0;
		this.#rest = '';
	}

	#open(): number | undefined {
		try {
			return openSync(this.#path, 'r');
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
			throw error;
		}
	}
}

/** `{"level":"info","time":"…","msg":"state","state":"syncing"}` → "2026-11-21T09:43:01.000Z info  state state=syncing" */
export function formatLogLine(line: string): string {
	try {
		const { level, time, msg, err, ...rest } = JSON.parse(line) as Record<string, unknown>;
		const fields = Object.entries(rest).map(
			([key, value]) => ` ${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
		);
		const stack = err ? `\n${(err as { stack?: string }).stack ?? JSON.stringify(err)}` : '';
		return `${time} ${String(level).padEnd(5)} ${msg}${fields.join('')}${stack}`;
	} catch {
		return line;
	}
}

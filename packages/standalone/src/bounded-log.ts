import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';

const MAX_BYTES = 10 * 1024 * 1024;

/** A log file that never grows without end: a full one becomes `NAME.log.1`, in the place of the one before. */
export class BoundedLog {
	readonly path: string;
	readonly #maxBytes: number;
	#file: number;
	#size: number;

	constructor(path: string, maxBytes = MAX_BYTES) {
		this.path = path;
		this.#maxBytes = maxBytes;
		this.#file = openSync(path, 'a', 0o600);
		this.#size = fstatSync(this.#file).size;
	}

	/** A full disk must not stop the servers: what cannot be written is dropped. */
	write(line: string): void {
		try {
			if (this.#size >= this.#maxBytes) this.#turnOver();
			this.#size += writeSync(this.#file, line);
		} catch {}
	}

	#turnOver(): void {
		renameSync(this.path, `${this.path}.1`);
		closeSync(this.#file);
		this.#file = openSync(this.path, 'a', 0o600);
		this.#size = 0;
	}

	close(): void {
		closeSync(this.#file);
	}
}

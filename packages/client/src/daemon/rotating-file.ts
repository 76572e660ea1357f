import { closeSync, fstatSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';

/** A log file that makes room for a new one when it is full: `daemon.log`, `daemon.log.1`, … Written at once, so that a crash loses no line. */
export class RotatingFile {
	readonly #path: string;
	readonly #maxBytes: number;
	readonly #kept: number;
	#file: number;
	#size: number;

	constructor(path: string, { maxBytes = 5 * 1024 * 1024, kept = 3 } = {}) {
		this.#path = path;
		this.#maxBytes = maxBytes;
		this.#kept = kept;
		this.#file = this.#open();
		this.#size = fstatSync(this.#file).size;
	}

	/** A full disk must not stop the daemon: what cannot be written is dropped. */
	write(line: string): void {
		try {
			if (this.#size >= this.#maxBytes) this.#rotate();
			this.#size += writeSync(this.#file, line);
		} catch {}
	}

	close(): void {
		closeSync(this.#file);
	}

	#open(): number {
		return openSync(this.#path, 'a', 0o600);
	}

	#rotate(): void {
		closeSync(this.#file);
		rmSync(`${this.#path}.${this.#kept}`, { force: true });
		for (let age = this.#kept - 1; age >= 0; age--) {
			const older = age === 0 ? this.#path : `${this.#path}.${age}`;
			try {
				renameSync(older, `${this.#path}.${age + 1}`);
			} catch {}
		}
		this.#file = this.#open();
		this.#size = fstatSync(this.#file).size;
	}
}

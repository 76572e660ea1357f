import type { Fs } from '../fs/port.ts';
import type { DiskTime } from './disk-time.ts';

const DIGITS = 16;

/**
 * A number in the folder that says how far the database had come, so that a database that was put back from a copy, or
 * a folder that was, is recognised: the two are on different disks as often as not. It is written after each change of
 * the database and never synced: after a crash it may say one less, after a power cut or without its disk any less, but
 * never more. It is there twice, so that a torn one is seen; then the smaller counts.
 */
export class Witness {
	readonly #fs: Fs;
	readonly #file: string;
	readonly #time: DiskTime;

	/**
	 * @param file absolute; in a folder that may be missing.
	 * @param time learns from when the disk says that it was written.
	 */
	constructor(fs: Fs, file: string, time: DiskTime) {
		this.#fs = fs;
		this.#file = file;
		this.#time = time;
	}

	/** 0 when it says nothing. */
	read(): number {
		try {
			const file = this.#fs.openRead(this.#file);
			try {
				const buffer = Buffer.alloc(2 * DIGITS);
				const text = buffer.toString('latin1', 0, this.#fs.read(file, buffer, 0));
				const twice = /^(\d{16})(\d{16})$/.exec(text);
				return twice ? Math.min(Number(twice[1]), Number(twice[2])) : 0;
			} finally {
				this.#fs.close(file);
			}
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code === undefined) throw error;
			return 0;
		}
	}

	/** When it was written, by the disk's clock: milliseconds since 1970; 0 when nobody knows. */
	writtenAt(): number {
		try {
			return Number((this.#fs.stat(this.#file)?.ctime ?? 0n) / 1_000_000n);
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code === undefined) throw error;
			return 0;
		}
	}

	/** What cannot be written now is made good by the next change. @returns whether it was written. */
	write(changes: number): boolean {
		try {
			const from = this.#fs.now();
			const file = this.#fs.openWrite(this.#file);
			try {
				this.#fs.write(file, Buffer.from(String(changes).padStart(DIGITS, '0').repeat(2)), 0);
			} finally {
				this.#fs.close(file);
			}
			const there = this.#fs.stat(this.#file);
			if (there) this.#time.learn(there.ctime, from, this.#fs.now());
			return true;
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code === undefined) throw error;
			return false;
		}
	}
}

import { join } from 'node:path';
import type { Name } from '@mydropbox/protocol';
import type { Fs } from '../fs/port.ts';
import { readText, writeText } from '../fs/text-file.ts';
import { digestOf, nameOf, shortAlias, spell } from './alias.ts';
import { ANY_NAME, type DiskTraits, probeTraits, spellingKey } from './traits.ts';

/**
 * Names as they travel, and their spellings on the disk of one folder. Names of which a spelling holds only the digest
 * are kept in a folder of our own, beside what they name: they outlive the database.
 */
export class DiskNames {
	readonly #fs: Fs;
	readonly #privateDir: string;
	readonly #book: string;
	readonly #tempDir: string;
	readonly #long = new Map<string, Name>();
	#traits: DiskTraits | undefined;

	/**
	 * @param privateDir MyDropbox's own folder on the disk.
	 * @param tempDir for trying out what the disk does.
	 */
	constructor(fs: Fs, privateDir: string, tempDir: string) {
		this.#fs = fs;
		this.#privateDir = privateDir;
		this.#book = join(privateDir, 'names');
		this.#tempDir = tempDir;
	}

	/**
	 * Finds out what the disk does to names, once. To be called when the folder is known to be there.
	 * @throws what the disk says when it cannot be tried; all names are taken for possible until then.
	 */
	learn(): void {
		if (this.#traits) return;
		if (this.#fs.stat(this.#book)) {
			for (const { name: digest } of this.#fs.list(this.#book).entries) {
				const name = readText(this.#fs, join(this.#book, digest)) as Name;
				// A power cut may have left an empty one.
				if (digestOf(name) === digest) this.#long.set(digest, name);
			}
		}
		this.#traits = probeTraits(this.#fs, this.#tempDir);
	}

	/** The folder is another one: its disk may be, too. */
	forget(): void {
		this.#traits = undefined;
		this.#long.clear();
	}

	/** Whether each spelling names one thing and no other spelling does. */
	get areExact(): boolean {
		const { caseInsensitive, normalising } = this.#traits ?? ANY_NAME;
		return !caseInsensitive && !normalising;
	}

	/** Equal for spellings that are one for this disk. */
	key(spelling: string): string {
		return spellingKey(spelling, this.#traits ?? ANY_NAME);
	}

	nameOf(spelling: string): Name {
		return nameOf(spelling, (digest) => this.#long.get(digest));
	}

	/**
	 * @param isTaken whether something else in the folder has this spelling, or one with the same key.
	 * @throws what the disk says when a long name cannot be kept.
	 */
	spell(name: Name, isTaken: (spelling: string) => boolean): string {
		const spelling = spell(name, this.#traits ?? ANY_NAME, isTaken);
		if (spelling !== name && spelling === shortAlias(name)) this.#keep(name);
		return spelling;
	}

	/** Durable before it is needed. */
	#keep(name: Name): void {
		const digest = digestOf(name);
		if (this.#long.has(digest)) return;
		if (!this.#fs.stat(this.#book)) {
			this.#fs.makeFolder(this.#book);
			this.#fs.syncFolder(this.#privateDir);
		}
		writeText(this.#fs, join(this.#book, digest), name);
		this.#fs.syncFolder(this.#book);
		this.#long.set(digest, name);
	}
}

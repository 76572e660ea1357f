import { join } from 'node:path';
import type { NamespaceId } from '@mydropbox/protocol';
import { UserError } from '../daemon/user-error.ts';
import type { Fs } from '../fs/port.ts';
import { readText, writeText } from '../fs/text-file.ts';
import { DiskNames } from '../names/disk-names.ts';
import { PRIVATE_FOLDER } from '../scan/private-folder.ts';
import type { Store } from '../state/store.ts';
import { DiskTime } from './disk-time.ts';
import { Witness } from './witness.ts';

/** The synced folder is not there, or not the one that it was: nothing in it is evidence of anything. */
export class FolderMissing extends UserError {}

/**
 * Knows the synced folder by two things: its identity on the disk, and a marker inside that names the account.
 * An unmounted disk has neither; a restored backup has the marker alone. A database that was put back is older than the
 * folder says.
 */
export class RootGuard {
	readonly #folder: string;
	readonly #fs: Fs;
	readonly #marker: string;
	readonly #store: Store;
	readonly #namespace: NamespaceId;
	readonly #witness: Witness;
	/** The database has been compared with what the folder knows of it; from then on it is we who change both. */
	#isCompared = false;
	readonly tempDir: string;
	/** When an earlier daemon changed its database last, by the disk's clock: milliseconds since 1970; 0 when nobody knows. */
	readonly changedBefore: number;
	/** How the folder's disk spells names. */
	readonly names: DiskNames;
	readonly time = new DiskTime();

	constructor(folder: string, fs: Fs, store: Store, namespace: NamespaceId) {
		this.#folder = folder;
		this.#fs = fs;
		this.#store = store;
		this.#namespace = namespace;
		this.#marker = join(folder, PRIVATE_FOLDER, 'marker.json');
		this.tempDir = join(folder, PRIVATE_FOLDER, 'tmp');
		this.#witness = new Witness(fs, join(folder, PRIVATE_FOLDER, 'changes'), this.time);
		this.changedBefore = this.#witness.writtenAt();
		store.onChange = (changes) => this.#tell(changes);
		this.names = new DiskNames(fs, join(folder, PRIVATE_FOLDER), this.tempDir);
	}

	/**
	 * To be called before each look at the disk. When the folder may not be taken for the old one, what was known about
	 * the old one is forgotten: nothing that is missing in this one counts as deleted.
	 * @returns 'renewed' when that has happened just now.
	 * @throws FolderMissing
	 */
	check(): 'same' | 'renewed' {
		const known = this.#store.meta('root');
		const identity = this.#identity();
		const marked = this.#readMarker();
		const isOurs = known === identity && marked === this.#namespace;
		if (isOurs && !this.#isRolledBack()) {
			if (!this.#fs.stat(this.tempDir)) this.#fs.makeFolder(this.tempDir);
			return 'same';
		}
		if (marked !== undefined && marked !== this.#namespace) {
			throw new FolderMissing(
				`${this.#folder} belongs to another MyDropbox account.`,
				'Sign in with another folder: mydropbox logout, then mydropbox login --folder DIR.',
			);
		}
		if (known && known !== identity && marked === undefined) {
			throw new FolderMissing(
				`${this.#folder} is not the folder that was synced before. Nothing is synced or deleted until that one is back.`,
				'Mount the disk that it is on.',
			);
		}
		this.#prepare();
		this.names.forget();
		this.time.forget();
		this.#store.beginFolder(identity, this.#witness.read());
		this.#isCompared = true;
		return known ? 'renewed' : 'same';
	}

	/** Whether the database is older than the folder. A folder that is older than the database may have lost things. */
	#isRolledBack(): boolean {
		if (this.#isCompared) return false;
		const witnessed = this.#witness.read();
		if (witnessed > this.#store.changes) return true;
		const told = Number(this.#store.meta(TOLD) || this.#store.changes);
		const hasLost = witnessed < told - LOST_BY_A_CRASH;
		if (hasLost) this.#store.doubt = true;
		this.#isCompared = true;
		// When it was said tells of the disk's clock. What a crash kept from it is made good, lest a second one looks like more.
		this.#witness.write(hasLost ? witnessed : Math.max(witnessed, told));
		return false;
	}

	/** What the folder cannot be told while its disk is away, it has not lost: the database remembers how far it was told. */
	#tell(changes: number): void {
		const isTold = this.#witness.write(changes);
		const wasTold = !this.#store.meta(TOLD);
		if (isTold !== wasTold) this.#store.setMeta(TOLD, isTold ? '' : String(changes - 1));
	}

	#identity(): string {
		const entry = this.#fs.stat(this.#folder);
		if (entry?.kind !== 'folder') {
			throw new FolderMissing(
				`${this.#folder} is not there. Nothing is synced or deleted until it is back.`,
				'Mount its disk, or move it back; to start anew: mydropbox logout, then mydropbox login.',
			);
		}
		return entry.identity;
	}

	#readMarker(): string | undefined {
		try {
			return String((JSON.parse(readText(this.#fs, this.#marker)) as { namespace?: unknown }).namespace);
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code === 'ENOENT' || error instanceof SyntaxError) return undefined;
			throw error;
		}
	}

	#prepare(): void {
		const own = join(this.#folder, PRIVATE_FOLDER);
		for (const folder of [own, this.tempDir]) if (!this.#fs.stat(folder)) this.#fs.makeFolder(folder);
		this.#fs.setMode(own, 0o700);
		const text = JSON.stringify({
			about: 'MyDropbox keeps this to recognise its folder. Please leave it here.',
			namespace: this.#namespace,
		});
		writeText(this.#fs, this.#marker, `${text}\n`);
	}
}

/** How far the folder was told that the database had come, where it could not be told all. */
const TOLD = 'told';

/** Changes that the folder may not know of, because the daemon died between the two. */
const LOST_BY_A_CRASH = 1;

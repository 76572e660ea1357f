import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { MemoryFile, memoryTables, type OpenTables, sqliteTables } from '@mydropbox/client';
import type { Count } from './effects.ts';
import type { Random } from './random.ts';

/** A device's database: what its daemon finds when it starts. */
export interface DeviceState {
	readonly open: OpenTables;
	/** As it is now, with all that was committed, whoever has it open. */
	copy(): DeviceState;
	/** What is not durable yet may be lost; nobody has it open. */
	cutPower(random: Random, count: Count): void;
}

export class MemoryState implements DeviceState {
	readonly open: OpenTables;
	readonly #file: MemoryFile;

	constructor(file = new MemoryFile()) {
		this.#file = file;
		this.open = memoryTables(file);
	}

	copy(): MemoryState {
		return new MemoryState(new MemoryFile(this.#file));
	}

	cutPower(random: Random, count: Count): void {
		this.#file.undo.cutPower((transactions) => {
			const survivors = random.between(0, transactions);
			if (survivors < transactions) count('observations-lost');
			return survivors;
		});
	}
}

/** The one that real devices have. */
export class SqliteState implements DeviceState {
	readonly open: OpenTables;
	readonly #dir: string;
	readonly #newDir: () => string;

	/** @param newDir names a directory that is not there yet. */
	constructor(newDir: () => string) {
		this.#newDir = newDir;
		this.#dir = newDir();
		mkdirSync(this.#dir, { recursive: true });
		this.open = sqliteTables(join(this.#dir, 'state.db'));
	}

	copy(): SqliteState {
		const copy = new SqliteState(this.#newDir);
		for (const file of ['state.db', 'state.db-wal']) {
			if (existsSync(join(this.#dir, file))) copyFileSync(join(this.#dir, file), join(copy.#dir, file));
		}
		return copy;
	}

	cutPower(): void {
		// SQLite does not tell which pages it has synced; power cuts of the real one are tested on a real disk.
	}
}

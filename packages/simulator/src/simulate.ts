import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataSchema } from '@mydropbox/data-server';
import type { Database } from '@mydropbox/server-kit';
import { settleAndCheck } from './check.ts';
import { openServerDatabase } from './server.ts';
import { Violation, World, type WorldOptions } from './world.ts';

export interface RunResult {
	readonly seed: string;
	readonly hash: string;
	readonly violation: Violation | undefined;
	readonly counts: ReadonlyMap<string, number>;
	readonly steps: number;
	/** Milliseconds that went by in the world. */
	readonly virtualMs: number;
}

/** A new database after so many runs, so that it stays small. */
const RUNS_PER_DATABASE = 50;

/** Runs worlds one after the other. */
export class Simulator {
	/** In memory where the machine has such a place. */
	readonly #dir = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'mydropbox-sim-'));
	#database: Database<DataSchema> | undefined;
	/** Seeds whose namespaces are in the database. */
	readonly #seen = new Set<string>();
	#runs = 0;

	async run(seed: string, options: Pick<WorldOptions, 'print' | 'skip' | 'without'> = {}): Promise<RunResult> {
		this.#runs++;
		// The same seed makes the same namespace, which must be new.
		if (!this.#database || this.#seen.size === RUNS_PER_DATABASE || this.#seen.has(seed)) {
			this.#seen.clear();
			await this.#database?.close();
			this.#database = await openServerDatabase();
		}
		this.#seen.add(seed);
		const world = new World({ seed, database: this.#database, dir: join(this.#dir, String(this.#runs)), ...options });
		let violation: Violation | undefined;
		try {
			await world.live();
			await settleAndCheck(world);
		} catch (error) {
			if (!(error instanceof Violation)) throw error;
			violation = error;
		} finally {
			world.close();
			await world.scheduler.run(world.scheduler.now + 1);
		}
		const { trace, scheduler } = world;
		return {
			seed,
			hash: trace.hash,
			violation,
			counts: trace.counts,
			steps: scheduler.steps,
			virtualMs: scheduler.now,
		};
	}

	async close(): Promise<void> {
		await this.#database?.close();
		rmSync(this.#dir, { recursive: true, force: true });
	}
}

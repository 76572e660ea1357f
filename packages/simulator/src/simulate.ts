import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { DataSchema } from '@mydropbox/data-server';
import type { Database } from '@mydropbox/server-kit';
import { settleAndCheck } from './check.ts';
import { openServerDatabase } from './server/sql-data.ts';
import { Violation } from './violation.ts';
import { World, type WorldOptions } from './world.ts';

export interface RunResult {
	readonly seed: string;
	readonly hash: string;
	readonly violation: { readonly invariant: string; readonly message: string } | undefined;
	/** Names of the deeds, faults and intrusions that there were; `only` takes them. */
	readonly events: readonly string[];
	/** What users did, call by call. */
	readonly operations: number;
	readonly counts: ReadonlyMap<string, number>;
	readonly steps: number;
	/** Milliseconds that went by in the world. */
	readonly virtualMs: number;
}

export type RunOptions = Pick<WorldOptions, 'print' | 'only' | 'without' | 'serverStore'>;

/** A new database after so many runs, so that it stays small. */
const RUNS_PER_DATABASE = 50;

/** Runs worlds one after the other. */
export class Simulator {
	/** In memory where the machine has such a place. */
	readonly #dir = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'mydropbox-sim-'));
	#database: Database<DataSchema> | undefined;
	#runs = 0;

	async run(seed: string, options: RunOptions = {}): Promise<RunResult> {
		// Traces of where errors come from cost more than the errors; whoever reads a trace wants them.
		if (!options.print) Error.stackTraceLimit = 0;
		if (this.#runs++ % RUNS_PER_DATABASE === 0) {
			await this.#database?.close();
			this.#database = undefined;
		}
		this.#database ??= await openServerDatabase();
		// A world runs without a turn of the event loop: signals and messages come in between.
		await setImmediate();
		const world = new World({ seed, database: this.#database, dir: join(this.#dir, String(this.#runs)), ...options });
		let violation: RunResult['violation'];
		try {
			await world.live();
			await settleAndCheck(world);
		} catch (error) {
			if (error instanceof Violation) violation = { invariant: error.invariant, message: error.message };
			else violation = { invariant: 'error', message: `error: ${(error as Error).stack}` };
		} finally {
			world.close();
			await world.scheduler.run(world.scheduler.now + 1);
		}
		const { trace, scheduler, events, witness } = world;
		return {
			seed,
			hash: trace.hash,
			violation,
			events,
			operations: witness.operations,
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

import type { Count } from '../effects.ts';
import { Random } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';
import type { SqlData } from './sql-data.ts';

/** How long a server of these worlds keeps what nothing names, and the past; milliseconds. */
export interface GarbageSettings {
	readonly graceMs: number;
	readonly historyMs: number;
}

export interface GarbageOptions extends GarbageSettings {
	readonly seed: string;
	readonly data: SqlData;
	readonly scheduler: Scheduler;
	readonly note: (what: string) => void;
	readonly count: Count;
	/** Whether an event happens in this run; every one that could asks. */
	readonly happens: (event: string) => boolean;
	readonly violated: (invariant: string, message: string) => void;
}

/** Mean pause between two runs, and between two steps of one, milliseconds. */
const PAUSE_MS = 3000;
const STEP_MS = 20;

/** The server's real collector, while devices send, ask and commit: between any two of its steps others are served. */
export class Garbage {
	readonly #options: GarbageOptions;
	readonly #random: Random;
	#runs = 0;

	constructor(options: GarbageOptions) {
		this.#options = options;
		this.#random = new Random(`${options.seed}/garbage`);
	}

	/** For as long as the world lasts, more seldom when nobody does anything any more. @param end milliseconds from now. */
	plan(end: number): void {
		const { scheduler, happens, violated } = this.#options;
		const busyUntil = scheduler.now + end;
		const next = () => {
			const pause = this.#random.soon(scheduler.now < busyUntil ? PAUSE_MS : 20 * PAUSE_MS);
			scheduler.after(pause, async () => {
				if (happens(`server.garbage-${this.#runs++}`))
					await this.#collect().catch((error) => violated('S17', `the collector fails: ${error}`));
				next();
			});
		};
		next();
	}

	async #collect(): Promise<void> {
		const { data, scheduler, note, count, graceMs, historyMs } = this.#options;
		const rest = () => new Promise<void>((resolve) => scheduler.after(this.#random.soon(STEP_MS), resolve));
		const done = await data.collect({ graceMs, historyMs }, rest);
		note(`server collects garbage: ${done ? JSON.stringify(done) : 'broken off'}`);
		if (done && done.blocksRemoved > 0) count('garbage-removed');
		if (done && done.statesForgotten > 0) count('history-forgotten');
	}
}

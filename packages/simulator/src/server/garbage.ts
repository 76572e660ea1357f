import type { Count } from '../effects.ts';
import { Random } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';
import type { ServerData } from './port.ts';
import { SqlData } from './sql-data.ts';

/** How long a server of these worlds keeps what nothing names, and the past; milliseconds. */
export interface GarbageSettings {
	readonly graceMs: number;
	readonly historyMs: number;
}

/** What the collector needs of the world. */
export interface Collected {
	readonly seed: string;
	readonly swarm: { readonly garbage: GarbageSettings | undefined };
	readonly server: { readonly data: ServerData };
	readonly scheduler: Scheduler;
	readonly note: (what: string) => void;
	readonly count: Count;
	violated(invariant: string, message: string): void;
}

/** Mean pause between two runs, and between two steps of one, milliseconds. */
const PAUSE_MS = 3000;
const STEP_MS = 20;

/**
 * The server's real collector, while devices send, ask and commit: between any two of its steps others are served. It
 * comes for as long as the world lasts, more seldom when nobody does anything any more, and only where the server has SQL.
 * @param end milliseconds from now.
 * @param happens whether an event happens in this run; every one that could asks.
 */
export function planGarbage(world: Collected, end: number, happens: (event: string) => boolean): void {
	const { seed, swarm, server, scheduler } = world;
	const { data } = server;
	const { garbage } = swarm;
	if (!garbage || !(data instanceof SqlData)) return;
	const random = new Random(`${seed}/garbage`);
	const busyUntil = scheduler.now + end;
	const rest = () => new Promise<void>((resolve) => scheduler.after(random.soon(STEP_MS), resolve));
	const next = (run: number) => {
		const pause = random.soon(scheduler.now < busyUntil ? PAUSE_MS : 20 * PAUSE_MS);
		scheduler.after(pause, async () => {
			if (happens(`server.garbage-${run}`)) await collect(world, data, garbage, rest);
			next(run + 1);
		});
	};
	next(0);
}

async function collect(world: Collected, data: SqlData, garbage: GarbageSettings, rest: () => Promise<void>) {
	const { note, count } = world;
	try {
		const done = await data.collect(garbage, rest);
		note(`server collects garbage: ${done ? JSON.stringify(done) : 'broken off'}`);
		if (done && done.blocksRemoved > 0) count('garbage-removed');
		if (done && done.statesForgotten > 0) count('history-forgotten');
	} catch (error) {
		world.violated('S17', `the collector fails: ${error}`);
	}
}

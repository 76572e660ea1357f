import { shrink } from './shrink.ts';
import type { RunOptions } from './simulate.ts';
import { Simulator } from './simulate.ts';

/** A seed to run in a process of its own. */
export interface Task {
	readonly seed: string;
	readonly options: RunOptions;
	/** How long to look for the few events that matter when it fails, milliseconds. */
	readonly shrinkMs: number;
}

// Ctrl-C, and an end from outside, are for the parent, which says how far everything has come.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
const simulator = new Simulator();
process.on('message', async ({ seed, options, shrinkMs }: Task) => {
	const result = await simulator.run(seed, options);
	const wantsLess = result.violation && shrinkMs > 0;
	const told = wantsLess ? { ...result, shrunk: await shrink(simulator, result, options, shrinkMs) } : result;
	process.send!(told, undefined, undefined, whoeverAskedMayBeGone);
});
const whoeverAskedMayBeGone = () => undefined;
process.on('disconnect', async () => {
	await simulator.close();
	process.exit();
});

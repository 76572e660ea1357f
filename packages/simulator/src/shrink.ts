import type { RunOptions, RunResult, Simulator } from './simulate.ts';

export interface Shrunk {
	/** The events that are left: without any one of them (as far as there was time to try) nothing fails. */
	readonly only: readonly string[];
	readonly message: string;
	readonly trace: readonly string[];
	/** How many runs it took. */
	readonly runs: number;
}

/**
 * Leaves out as many events of a failing run as possible, so that the same invariant still fails: delta debugging
 * (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002), with as many runs as fit into the time.
 */
export async function shrink(
	simulator: Pick<Simulator, 'run'>,
	{ seed, violation, events }: RunResult,
	options: RunOptions,
	milliseconds: number,
): Promise<Shrunk> {
	const deadline = performance.now() + milliseconds;
	let runs = 0;
	const fails = async (only: readonly string[]): Promise<boolean> => {
		runs++;
		const found = await simulator.run(seed, { ...options, only: new Set(only) });
		return found.violation?.invariant === violation!.invariant;
	};
	const leaveOut = async (only: readonly string[], without: (event: string) => boolean): Promise<readonly string[]> => {
		const rest = only.filter((event) => !without(event));
		return rest.length < only.length && performance.now() < deadline && (await fails(rest)) ? rest : only;
	};
	let only: readonly string[] = events;
	for (const group of [/intrusion/, /fault/, /^d0.deed/, /^d1.deed/, /^d2.deed/, /^d3.deed/])
		only = await leaveOut(only, (event) => group.test(event));
	for (let size = Math.ceil(only.length / 2); ; size = Math.max(1, Math.ceil(size / 2))) {
		const before = only.length;
		for (let at = 0; at < only.length; ) {
			const part = new Set(only.slice(at, at + size));
			const rest = await leaveOut(only, (event) => part.has(event));
			if (rest === only) at += size;
			only = rest;
		}
		if (performance.now() >= deadline || (size === 1 && only.length === before)) break;
	}
	const trace: string[] = [];
	const last = await simulator.run(seed, { ...options, only: new Set(only), print: (line) => trace.push(line) });
	return { only, message: last.violation?.message ?? violation!.message, trace, runs };
}

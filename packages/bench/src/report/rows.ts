import type { Failure, Measured, Measurement, Results } from '../results.ts';
import { WORKLOADS } from '../workloads/index.ts';
import { median } from './statistics.ts';

/** All runs of one peer at one thing. */
export interface Cell {
	readonly peer: string;
	/** Medians over the runs; undefined when it failed. */
	readonly value?: number;
	readonly least?: number;
	readonly most?: number;
	readonly p95?: number;
	readonly cpuSeconds?: number;
	readonly peakBytes?: { readonly a: number; readonly server: number; readonly b: number };
	readonly hopBytes?: readonly [number, number];
	readonly failed?: string;
}

export interface Row {
	readonly workload: string;
	readonly title: string;
	readonly what: string;
	readonly unit: Measured['unit'];
	readonly cells: readonly Cell[];
}

/** The results by what was measured, in the order of the workloads, and of the peers in each. */
export function rowsOf(results: Results, peers: readonly string[]): Row[] {
	return WORKLOADS.flatMap(({ id, title }) => {
		const measurements = results.measurements.filter(({ workload }) => workload === id);
		const failures = results.failures.filter(({ workload }) => workload === id);
		const things = [...new Set(measurements.map(({ what = '' }) => what))];
		if (things.length === 0 && failures.length > 0) things.push('');
		return things.map((what) => {
			const same = measurements.filter((each) => (each.what ?? '') === what);
			const cells = peers.flatMap((peer) => cellOf(peer, same, failures));
			return { workload: id, title, what, unit: same[0]?.unit ?? 's', cells };
		});
	});
}

function cellOf(peer: string, measurements: readonly Measurement[], failures: readonly Failure[]): Cell[] {
	const mine = measurements.filter((each) => each.peer === peer);
	if (mine.length === 0) {
		const failure = failures.find((each) => each.peer === peer);
		return failure ? [{ peer, failed: failure.failed }] : [];
	}
	const values = mine.map(({ value }) => value);
	const p95 = mine.flatMap((each) => each.p95 ?? []);
	const uses = mine.flatMap(({ use }) => use ?? []);
	const hops = uses.flatMap(({ hopBytes }) => (hopBytes ? [hopBytes] : []));
	const peak = (machine: 'a' | 'server' | 'b') => median(uses.map(({ peakBytes }) => peakBytes[machine]));
	return [
		{
			peer,
			value: median(values),
			least: Math.min(...values),
			most: Math.max(...values),
			...(p95.length > 0 && { p95: median(p95) }),
			...(uses.length > 0 && {
				cpuSeconds: median(uses.map(({ cpuSeconds }) => cpuSeconds)),
				peakBytes: { a: peak('a'), server: peak('server'), b: peak('b') },
			}),
			...(hops.length > 0 && { hopBytes: [median(hops.map(([x]) => x)), median(hops.map(([, x]) => x))] as const }),
		},
	];
}

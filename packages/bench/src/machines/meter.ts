import { writeFileSync } from 'node:fs';
import type { MachineName } from './machine.ts';
import type { Network } from './network.ts';
import type { OwnProcesses, ProcessUse } from './processes.ts';

/** What something took. */
export interface Use {
	readonly seconds: number;
	/** Processor seconds of all processes on all three machines; this program's own are not among them. */
	readonly cpuSeconds: number;
	/** The most memory that a single process held, on each machine, bytes. */
	readonly peakBytes: Readonly<Record<MachineName, number>>;
	/** Bytes between A and server, and between server and B; undefined where they cannot be counted. */
	readonly hopBytes?: readonly [number, number];
	/** The processes that took the most processor time, and that were there at the end. */
	readonly processes: readonly ProcessUse[];
}

/** The kernel keeps each process's peak; a process that ends in between takes its last moments with it. */
const SAMPLE_MS = 250;

/** Measures from when it is made until `stop`. */
export class Meter {
	readonly #own: OwnProcesses;
	readonly #network: Network;
	readonly #before: ReadonlyMap<number, number>;
	readonly #endedBefore: number;
	readonly #hopsBefore: readonly [number, number] | undefined;
	readonly #peaks: Record<MachineName, number> = { a: 0, server: 0, b: 0 };
	readonly #timer: NodeJS.Timeout;
	readonly #startedAt: number;

	constructor(own: OwnProcesses, network: Network) {
		this.#own = own;
		this.#network = network;
		const running = own.list();
		for (const { pid } of running) forgetPeak(pid);
		this.#before = new Map(running.map(({ pid, cpu }) => [pid, cpu]));
		this.#endedBefore = own.endedCpu();
		this.#hopsBefore = network.hopBytes();
		this.#timer = setInterval(() => this.#sample(), SAMPLE_MS);
		this.#startedAt = performance.now();
	}

	#sample(): ProcessUse[] {
		const running = this.#own.list();
		for (const { machine, peak } of running) this.#peaks[machine] = Math.max(this.#peaks[machine], peak);
		return running;
	}

	stop(): Use {
		const seconds = (performance.now() - this.#startedAt) / 1000;
		clearInterval(this.#timer);
		const running = this.#sample();
		const processes = running
			.map((use) => ({ ...use, cpu: round(use.cpu - (this.#before.get(use.pid) ?? 0)) }))
			.filter(({ cpu }) => cpu > 0)
			.sort((x, y) => y.cpu - x.cpu);
		const live = processes.reduce((sum, { cpu }) => sum + cpu, 0);
		const hops = this.#network.hopBytes();
		const before = this.#hopsBefore;
		return {
			seconds,
			cpuSeconds: round(live + this.#own.endedCpu() - this.#endedBefore),
			peakBytes: { ...this.#peaks },
			...(hops && before && { hopBytes: [hops[0] - before[0], hops[1] - before[1]] as const }),
			processes,
		};
	}
}

const round = (seconds: number): number => Math.round(seconds * 100) / 100;

function forgetPeak(pid: number): void {
	try {
		writeFileSync(`/proc/${pid}/clear_refs`, '5');
	} catch {
		// It has ended.
	}
}

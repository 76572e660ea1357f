import { setTimeout as sleep } from 'node:timers/promises';
import { Counter, Histogram, type Logger, type Registry } from '@mydropbox/server-kit';
import { type CollectOptions, type CollectSummary, collectGarbage } from './collect.ts';
import { gently } from './pace.ts';

export interface CollectorOptions extends Pick<CollectOptions, 'db' | 'storage' | 'now'> {
	readonly log: Logger;
	readonly metrics: Registry;
}

export interface GarbageSettings extends Pick<CollectOptions, 'graceMs' | 'historyMs'> {
	/** From the end of one run to the start of the next. */
	readonly intervalMs: number;
}

/** A server that is started again and again still gets to its first run. */
const FIRST_AFTER_MS = 10 * 60_000;

/** Collects garbage in the background of a server, for as long as it runs. */
export class Collector {
	readonly #options: CollectorOptions;
	readonly #runs: Counter<'result'>;
	readonly #duration: Histogram;
	readonly #removed: Counter;

	constructor(options: CollectorOptions) {
		this.#options = options;
		const registers = [options.metrics];
		this.#runs = new Counter({
			name: 'mydropbox_gc_runs_total',
			help: 'Runs of the garbage collector, by how they ended',
			labelNames: ['result'],
			registers,
		});
		this.#duration = new Histogram({
			name: 'mydropbox_gc_duration_seconds',
			help: 'Time of a whole run, in which the collector mostly rests',
			buckets: [1, 10, 60, 600, 3600],
			registers,
		});
		this.#removed = new Counter({
			name: 'mydropbox_gc_removed_bytes_total',
			help: 'Bytes of blocks that nothing named any more',
			registers,
		});
	}

	/** Never rejects: what failed is tried again by the next run. Ends when `stopping` fires, in the middle of a run too. */
	async run({ intervalMs, ...settings }: GarbageSettings, stopping: AbortSignal): Promise<void> {
		let pause = Math.min(intervalMs, FIRST_AFTER_MS);
		while (await rested(pause, stopping)) {
			await this.once(settings, stopping);
			pause = intervalMs;
		}
	}

	async once(
		settings: Omit<GarbageSettings, 'intervalMs'>,
		stopping: AbortSignal,
	): Promise<CollectSummary | undefined> {
		const { log } = this.#options;
		const stop = this.#duration.startTimer();
		try {
			const summary = await collectGarbage({ ...this.#options, ...settings, dryRun: false, pause: gently(stopping) });
			this.#removed.inc(summary.bytesRemoved);
			this.#runs.inc({ result: 'done' });
			log.info(summary, 'garbage was collected');
			return summary;
		} catch (error) {
			this.#runs.inc({ result: stopping.aborted ? 'stopped' : 'failed' });
			if (!stopping.aborted)
				log.error({ err: error }, 'garbage could not be collected to the end; the next run goes on');
			return undefined;
		} finally {
			stop();
		}
	}
}

const rested = (ms: number, stopping: AbortSignal): Promise<boolean> =>
	sleep(ms, true, { signal: stopping }).catch(() => false);

import type { BatchResult } from './batch.ts';
import { EFFECTS, type Effect } from './effects.ts';

/** A shrunk trace of more lines than these is cut at its beginning; questions for news are left out. */
const TRACE_LINES = 150;

/** So many runs meet everything, unless something that was to go wrong no longer does. */
const BIG_BATCH = 300;

/** What came of many runs. */
export class Report {
	failed = 0;
	readonly #started = performance.now();
	readonly #without: string;
	readonly #counts = new Map<string, number>();
	#runs = 0;
	#operations = 0;
	#steps = 0;

	/** @param without the faults that were left out, as on the command line. */
	constructor(without: string) {
		this.#without = without;
	}

	/** A run that failed is told at once. */
	add(result: BatchResult): void {
		this.count(result);
		if (result.violation) console.log(this.#failure(result));
	}

	count({ operations, steps, counts, violation }: BatchResult): void {
		this.#runs++;
		this.#operations += operations;
		this.#steps += steps;
		for (const [kind, count] of counts) this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + count);
		if (violation) this.failed++;
	}

	#failure({ seed, violation, shrunk, events }: BatchResult): string {
		const command = `npm run sim -- --seed ${seed}${this.#without ? ` --without ${this.#without}` : ''}`;
		const lines = [violation!.message.slice(0, 1000), `  replay: ${command} --verbose`];
		if (!shrunk) return lines.join('\n');
		lines.push(
			`  shrunk from ${events.length} to ${shrunk.only.length} events in ${shrunk.runs} runs: ${shrunk.message.slice(0, 1000)}`,
			`  replay: ${command} --only ${shrunk.only.join(',')} --verbose`,
			...shrunk.trace
				.filter((line) => !/ {3}· | changes ok$/.test(line))
				.slice(-TRACE_LINES)
				.map((line) => `    ${line}`),
		);
		return lines.join('\n');
	}

	/** What a batch of this size should have met and has not. */
	notMet(): Effect[] {
		if (this.#runs < BIG_BATCH || this.#without) return [];
		return EFFECTS.filter((effect) => !this.#counts.has(effect));
	}

	print(): void {
		const seconds = (performance.now() - this.#started) / 1000;
		for (const [kind, count] of [...this.#counts].sort()) console.log(`${String(count).padStart(9)} ${kind}`);
		for (const effect of this.notMet()) console.log(`        0 ${effect}: no run has met it`);
		const mean = (sum: number) => Math.round(sum / Math.max(1, this.#runs));
		console.log(
			`${this.#runs} runs, ${this.failed} failed; ${mean(this.#operations)} operations and ${mean(this.#steps)} steps each; ` +
				`${seconds.toFixed(1)} s, ${(this.#runs / seconds).toFixed(1)} runs/s`,
		);
	}
}

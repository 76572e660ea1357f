import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Use } from './machines/meter.ts';

/** One number, and what it took. */
export interface Measured {
	/** What exactly, in a few words, where a workload measures more than one thing. */
	readonly what?: string;
	/** In `unit`; of several samples the median. */
	readonly value: number;
	readonly unit: 's' | '%' | 'KiB';
	readonly p95?: number;
	readonly samples?: number;
	readonly use?: Use;
}

export interface Key {
	readonly workload: string;
	readonly peer: string;
	/** From 1. */
	readonly run: number;
}

export type Measurement = Key & Measured;

/** It did not come to its end, or B was not the same as A. */
export type Failure = Key & { readonly failed: string };

export interface About {
	readonly machine: string;
	readonly startedAt: string;
	/** By peer: its version; null when it is not installed. */
	readonly versions: Readonly<Record<string, string | null>>;
}

interface Saved {
	readonly about: About;
	readonly measurements: Measurement[];
	readonly failures: Failure[];
}

/** What was measured so far: in a file after every step, so that the next start goes on from there. */
export class Results {
	readonly #file: string;
	readonly about: About;
	readonly measurements: Measurement[];
	/** What failed before is tried again. */
	readonly failures: Failure[] = [];

	constructor(directory: string, about: About) {
		mkdirSync(directory, { recursive: true });
		this.#file = join(directory, 'results.json');
		const saved: Saved | undefined = existsSync(this.#file) ? JSON.parse(readFileSync(this.#file, 'utf8')) : undefined;
		this.about = saved ? { ...about, startedAt: saved.about.startedAt } : about;
		this.measurements = saved?.measurements ?? [];
	}

	has({ workload, peer, run }: Key): boolean {
		return this.measurements.some((each) => each.workload === workload && each.peer === peer && each.run === run);
	}

	/** @param measured everything of one workload, one peer and one run. */
	add(key: Key, measured: readonly Measured[]): void {
		this.measurements.push(...measured.map((each) => ({ ...key, ...each })));
		this.#save();
	}

	fail(key: Key, error: Error): void {
		this.failures.push({ ...key, failed: error.message });
		this.#save();
	}

	#save(): void {
		const { about, measurements, failures } = this;
		writeFileSync(
			`${this.#file}.new`,
			`${JSON.stringify({ about, measurements, failures } satisfies Saved, null, '\t')}\n`,
		);
		renameSync(`${this.#file}.new`, this.#file);
	}
}

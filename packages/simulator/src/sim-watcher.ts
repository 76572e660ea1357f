import type { Watcher, WatcherOptions } from '@mydropbox/client';
import type { Count } from './effects.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';

/** What is wrong with a device's watcher; probabilities per hint. */
export interface Eyes {
	blind: number;
	double: number;
	/** Without the name under which it happened. */
	vague: number;
	/** Mean delay, milliseconds. */
	delay: number;
}

/** One daemon's watcher: says late, twice, out of order, vaguely or not at all what happened in which folder. */
export class SimWatcher implements Watcher {
	readonly #options: WatcherOptions;
	readonly #eyes: Readonly<Eyes>;
	readonly #scheduler: Scheduler;
	readonly #random: Random;
	readonly #isAlive: () => boolean;
	readonly #count: Count;
	#watches = false;
	#seen = 0;
	#told = 0;

	constructor(
		options: WatcherOptions,
		{ eyes, scheduler, random }: { eyes: Readonly<Eyes>; scheduler: Scheduler; random: Random },
		isAlive: () => boolean,
		count: Count,
	) {
		this.#options = options;
		this.#eyes = eyes;
		this.#scheduler = scheduler;
		this.#random = random;
		this.#isAlive = isAlive;
		this.#count = count;
	}

	start(): Promise<void> {
		return new Promise((resolve) => {
			this.#scheduler.after(this.#random.soon(30), () => {
				if (!this.#isAlive()) return;
				this.#watches = true;
				resolve();
			});
		});
	}

	async close(): Promise<void> {
		this.#watches = false;
	}

	/** @param folder in which something happened, under that name if there is one, below the watched one. */
	changed(folder: string, name: string | undefined): void {
		if (!this.#watches) return;
		const { blind, double, vague, delay } = this.#eyes;
		if (this.#random.chance(blind)) {
			this.#count('hint-lost');
			return;
		}
		const isDoubled = this.#random.chance(double);
		if (isDoubled) this.#count('hint-doubled');
		const isVague = this.#random.chance(vague);
		const number = ++this.#seen;
		for (let i = 0; i < (isDoubled ? 2 : 1); i++) {
			this.#scheduler.after(this.#random.soon(delay), () => {
				if (!this.#isAlive() || !this.#watches) return;
				if (number < this.#told) this.#count('hint-overtaken');
				this.#told = Math.max(this.#told, number);
				this.#options.onHint(folder, isVague ? undefined : name);
			});
		}
	}

	/** It cannot see everything any more. */
	overflow(): void {
		if (!this.#watches) return;
		this.#count('overflow');
		this.#options.onTrouble(Object.assign(new Error('too many'), { code: 'ENOSPC' }));
	}
}

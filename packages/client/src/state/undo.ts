import type { Lasting } from './tables.ts';

type Step = () => void;

/** Takes changes of maps back: those of a transaction that failed, and those that a power cut caught before they were durable. */
export class Undo {
	/** Of the transaction under way. */
	#steps: Step[] | undefined;
	/** Of the transactions that are not durable yet, the oldest first. */
	#unsynced: Step[][] = [];

	/** @param step takes back what is done now. Outside a transaction that is durable at once. */
	note(step: Step): void {
		if (this.#steps) this.#steps.push(step);
		else this.#unsynced = [];
	}

	transaction<T>(work: () => T, lasting: Lasting): T {
		if (this.#steps) throw new Error('There is a transaction under way.');
		const steps: Step[] = [];
		this.#steps = steps;
		try {
			const result = work();
			if (lasting === 'at-once') this.#unsynced = [];
			else this.#unsynced.push(steps);
			return result;
		} catch (error) {
			takeBack(steps);
			throw error;
		} finally {
			this.#steps = undefined;
		}
	}

	/** @param survivors how many of the given number of transactions that are not durable the power cut spares. */
	cutPower(survivors: (transactions: number) => number): void {
		const lost = this.#unsynced.splice(survivors(this.#unsynced.length));
		for (const steps of lost.reverse()) takeBack(steps);
		this.#unsynced = [];
	}
}

function takeBack(steps: Step[]): void {
	for (const step of steps.reverse()) step();
}

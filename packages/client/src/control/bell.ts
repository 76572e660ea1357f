import type { Clock } from './clock.ts';

/** Wakes one waiter. Rings that come while nobody waits count as one for the next. */
export class Bell {
	readonly #clock: Clock;
	#rung = false;
	#wake: (() => void) | undefined;

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	ring(): void {
		this.#rung = true;
		this.#wake?.();
	}

	/** Resolves when the bell rings, has rung, after the time, or when the signal fires. */
	async wait(milliseconds: number, signal: AbortSignal): Promise<void> {
		if (!this.#rung && !signal.aborted) {
			const alarm = new AbortController();
			const wake = () => alarm.abort('rung');
			this.#wake = wake;
			signal.addEventListener('abort', wake, { once: true });
			await this.#clock.sleep(milliseconds, alarm.signal);
			signal.removeEventListener('abort', wake);
			this.#wake = undefined;
		}
		this.#rung = false;
	}
}

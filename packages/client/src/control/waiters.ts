import type { EngineStatus } from '../daemon/engine.ts';

interface Waiter {
	readonly ticket: number;
	resolve(status: EngineStatus): void;
	reject(reason: unknown): void;
}

/** Those who wait until all is in step. A round answers only who came before it began. */
export class Waiters {
	#tickets = 0;
	readonly #waiting = new Set<Waiter>();

	/** Of whoever came last. */
	get ticket(): number {
		return this.#tickets;
	}

	wait(signal: AbortSignal): Promise<EngineStatus> {
		const { promise, resolve, reject } = Promise.withResolvers<EngineStatus>();
		const waiter: Waiter = { ticket: ++this.#tickets, resolve, reject };
		this.#waiting.add(waiter);
		const give = () => {
			this.#waiting.delete(waiter);
			reject(signal.reason);
		};
		if (signal.aborted) give();
		else signal.addEventListener('abort', give, { once: true });
		return promise.finally(() => signal.removeEventListener('abort', give));
	}

	serve(ticket: number, status: EngineStatus): void {
		for (const waiter of this.#waiting) {
			if (waiter.ticket > ticket) continue;
			this.#waiting.delete(waiter);
			waiter.resolve(status);
		}
	}
}

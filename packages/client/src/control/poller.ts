import type { ArrivingPart } from '@mydropbox/protocol';
import { isPassing } from '@mydropbox/remote';
import { Bell } from './bell.ts';
import type { Clock } from './clock.ts';
import type { Context } from './context.ts';

export interface PollerEvents {
	/** There is something on the server that the cursor has not seen. */
	onNews(): void;
	/** Another device is bringing something that is not committed. */
	onArriving(part: ArrivingPart): void;
	/** The server answered. */
	onOnline(): void;
	onFailure(error: unknown): void;
}

const WAIT_MS = 50_000;
const FIRST_RETRY_MS = 500;
/** A server that is back is noticed within this time… */
const LAST_RETRY_MS = 2000;
/** …and one that refuses is left in peace for this. */
const REFUSED_MS = 15_000;
/** How long a round may take to fetch the news before it is asked again. */
const PULL_MS = 15_000;

/** Keeps one question open at the server, so that a change made elsewhere is known here at once. */
export class Poller {
	readonly #context: Context;
	readonly #clock: Clock;
	readonly #events: PollerEvents;
	readonly #pulled: Bell;
	/** What has been heard of. */
	#arrivalsAfter = 0;

	constructor(context: Context, clock: Clock, events: PollerEvents) {
		this.#context = context;
		this.#clock = clock;
		this.#events = events;
		this.#pulled = new Bell(clock);
	}

	/** The cursor has moved: the next question is asked from there. */
	pulled(): void {
		this.#pulled.ring();
	}

	/** Never rejects; ends when the signal fires or when the server refuses for good. */
	async run(signal: AbortSignal): Promise<void> {
		for (let retry = FIRST_RETRY_MS; !signal.aborted; ) {
			try {
				const news = await this.#ask(signal);
				retry = FIRST_RETRY_MS;
				this.#events.onOnline();
				if (!news) continue;
				this.#events.onNews();
				await this.#pulled.wait(PULL_MS, signal);
			} catch (error) {
				if (signal.aborted) return;
				this.#events.onFailure(error);
				await this.#clock.sleep(isPassing(error) ? retry : REFUSED_MS, signal);
				retry = Math.min(retry * 2, LAST_RETRY_MS);
			}
		}
	}

	async #ask(signal: AbortSignal): Promise<boolean> {
		const { store, server, namespace } = this.#context;
		const { epoch, rev } = store.cursor();
		const open = { limit: 1, waitMs: WAIT_MS, arrivalsAfter: this.#arrivalsAfter };
		const { namespaces, arrivals } = await server.changes(
			{ cursors: [{ namespace, epoch, rev }], ...open },
			{ signal },
		);
		this.#arrivalsAfter = arrivals?.after ?? this.#arrivalsAfter;
		for (const part of arrivals?.parts ?? []) this.#events.onArriving(part);
		return namespaces.length > 0;
	}
}

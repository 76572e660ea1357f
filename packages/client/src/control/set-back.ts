import { ctimeOf, SLOW_TICK_MS } from '../fs/quiet.ts';
import type { Store } from '../state/store.ts';
import type { Clock } from './clock.ts';

/** A clock that was set back by less gets no file's time a second time: only what has been quiet for longer is read. */
const HARMLESS_MS = 20;

/**
 * Notices that the clock was set back. Then times come again, and a program that writes as many bytes as there were leaves
 * a file that looks as it did: what was written at such a time is read once more when that time is over. While no daemon
 * runs, nobody sees how far it is set back: then everything is read once more, if the start is before the last change.
 */
export class SetBack {
	readonly #clock: Clock;
	readonly #store: Store;
	/** What the clock shows more than the one that nobody sets. */
	#ahead: number;
	/** By the clock that nobody sets; there was none since the start. */
	#lastLook = Number.NEGATIVE_INFINITY;

	/** @param before the clock has shown this already, milliseconds since 1970, when another daemon was running. */
	constructor(clock: Clock, store: Store, before: number) {
		this.#clock = clock;
		this.#store = store;
		this.#ahead = before - clock.monotonic();
	}

	/** To be called before each look at the disk. */
	look(): void {
		const [now, monotonic] = [this.#clock.now(), this.#clock.monotonic()];
		const passed = monotonic - this.#lastLook;
		this.#lastLook = monotonic;
		const ahead = now - monotonic;
		if (ahead >= this.#ahead - HARMLESS_MS) {
			this.#ahead = Math.max(this.#ahead, ahead);
			return;
		}
		this.#ahead = ahead;
		this.#readAgain(now - passed);
	}

	/** @param since the earliest moment, milliseconds since 1970, that may have come again. */
	#readAgain(since: number): void {
		const { local } = this.#store;
		const earliest = BigInt(Math.floor(Math.max(0, since)) - SLOW_TICK_MS) * 1_000_000n;
		this.#store.transaction(() => {
			for (const id of local.ids()) {
				const node = local.get(id)!;
				const isFile = node.version.kind === 'file';
				if (isFile && ctimeOf(node.disk.stamp) >= earliest) local.set({ ...node, disk: { ...node.disk, racy: true } });
			}
		});
	}
}

import { ctimeOf, SLOW_TICK_MS } from '../fs/quiet.ts';
import type { Store } from '../state/store.ts';
import type { Clock } from './clock.ts';
import type { DiskTime } from './disk-time.ts';

/** A clock that was set back by less gets no file's time a second time: only what has been quiet for longer is read. */
const HARMLESS_MS = 20;
/** Systems that count the time since their start in whole seconds are that much wrong about it, each time. */
const START_UNSURE_MS = 2000;
/** When the machine was started, by its clock as it was when a look had something to say about that. */
const STARTED = 'machineStart';

/**
 * Notices that the clock was set back. Then times come again, and a program that writes as many bytes as there were leaves
 * a file that looks as it did: what was written at such a time is read once more when that time is over. While no daemon
 * runs, nobody sees how far it is set back: then everything is read once more, if the start of the daemon is before the
 * last change, or the start of the machine before what it was.
 */
export class SetBack {
	readonly #clock: Clock;
	readonly #time: DiskTime;
	readonly #store: Store;
	/** What the clock shows more than the one that nobody sets. */
	#ahead: number;
	/** By the clock that nobody sets; there was none since the start. */
	#lastLook = Number.NEGATIVE_INFINITY;

	/** @param before the clock of the disk has shown this already, milliseconds since 1970, when another daemon was running. */
	constructor(clock: Clock, time: DiskTime, store: Store, before: number) {
		this.#clock = clock;
		this.#time = time;
		this.#store = store;
		const isMachineYounger = clock.machineStart() >= Number(store.meta(STARTED)) - START_UNSURE_MS;
		this.#ahead = isMachineYounger ? before - clock.monotonic() : Number.POSITIVE_INFINITY;
	}

	/** To be called before each look at the disk. */
	look(): void {
		const [now, monotonic] = [this.#time.at(this.#clock.now()), this.#clock.monotonic()];
		const passed = monotonic - this.#lastLook;
		this.#lastLook = monotonic;
		const ahead = now - monotonic;
		const was = this.#ahead;
		if (Math.abs(ahead - was) <= HARMLESS_MS) {
			this.#ahead = Math.max(ahead, was);
			return;
		}
		this.#ahead = ahead;
		if (ahead < was) this.#readAgain(now - passed);
		this.#store.setMeta(STARTED, String(Math.round(this.#clock.machineStart())));
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

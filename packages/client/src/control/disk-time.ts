import { tickOf } from '../fs/quiet.ts';

/**
 * The clock that stamps the files: ours, unless the disk is in another machine. How far it is ahead is learnt from what we
 * write there ourselves.
 */
export class DiskTime {
	/** Milliseconds. */
	#ahead = 0;

	/** What it shows when our clock shows this; milliseconds since 1970. */
	at(ours: number): number {
		return ours + this.#ahead;
	}

	/**
	 * As long as it fits, what is known stays: how long a request to the disk takes makes no other clock.
	 * @param stamp nanoseconds since 1970, of what we wrote…
	 * @param from …between this moment of our clock…
	 * @param to …and this one.
	 */
	learn(stamp: bigint, from: number, to: number): void {
		const earliest = Number(stamp / 1_000_000n);
		const latest = earliest + tickOf(stamp);
		// Where it is coarse, no more ahead than it must be: what looks older than it is would be taken for quiet.
		if (latest < this.at(from) || earliest > this.at(to)) this.#ahead = earliest - to;
	}

	/** The disk is another one. */
	forget(): void {
		this.#ahead = 0;
	}
}

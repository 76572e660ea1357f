interface Entry {
	readonly at: number;
	/** Orders what is due at the same time. */
	readonly order: number;
	run: (() => void) | undefined;
}

/**
 * Virtual time, and the one place where anything asynchronous begins again. One entry runs at a time, and the next one
 * only when everything that follows from it without waiting has been done; so the whole world is as ordered as the queue.
 */
export class Scheduler {
	/** Milliseconds, with fractions, since the beginning of the world. */
	now = 0;
	steps = 0;
	readonly #heap: Entry[] = [];
	#order = 0;

	/** @returns what calls it off. */
	after(milliseconds: number, run: () => void): () => void {
		const entry: Entry = { at: this.now + Math.max(0, milliseconds), order: this.#order++, run };
		this.#push(entry);
		return () => {
			entry.run = undefined;
		};
	}

	/** Runs until then, or until `enough` says so after some step. @returns whether it did. */
	async run(until: number, enough: () => boolean = () => false): Promise<boolean> {
		for (;;) {
			await quiescence();
			if (enough()) return true;
			const next = this.#heap[0];
			if (!next || next.at > until) break;
			this.#pop();
			if (!next.run) continue;
			this.now = next.at;
			this.steps++;
			next.run();
		}
		this.now = until;
		return false;
	}

	#push(entry: Entry): void {
		const heap = this.#heap;
		let at = heap.push(entry) - 1;
		while (at > 0) {
			const parent = (at - 1) >> 1;
			if (!isBefore(entry, heap[parent]!)) break;
			heap[at] = heap[parent]!;
			at = parent;
		}
		heap[at] = entry;
	}

	#pop(): void {
		const heap = this.#heap;
		const last = heap.pop()!;
		if (heap.length === 0) return;
		let at = 0;
		for (;;) {
			let child = 2 * at + 1;
			if (child >= heap.length) break;
			if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
			if (!isBefore(heap[child]!, last)) break;
			heap[at] = heap[child]!;
			at = child;
		}
		heap[at] = last;
	}
}

const isBefore = (a: Entry, b: Entry): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

/**
 * All promises that can go on have gone on: none of them waits for anything but the scheduler. What `nextTick` is given
 * runs when there is no such promise left, without a turn of the event loop. What others gave it before runs right
 * before, and what follows from that is done the second time.
 */
async function quiescence(): Promise<void> {
	await nextTick();
	await nextTick();
}
const nextTick = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));

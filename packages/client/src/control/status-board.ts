import type { EngineStatus } from '../daemon/engine.ts';

const PAUSE_MS = 250;

/** Tells listeners about changes of the status, a few times a second at most, and the last one always. */
export class StatusBoard {
	readonly #read: () => EngineStatus;
	readonly #listeners = new Set<(status: EngineStatus) => void>();
	#timer: NodeJS.Timeout | undefined;

	constructor(read: () => EngineStatus) {
		this.#read = read;
	}

	listen(listener: (status: EngineStatus) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	changed(): void {
		if (this.#listeners.size === 0) return;
		this.#timer ??= setTimeout(() => {
			this.#timer = undefined;
			const status = this.#read();
			for (const listener of this.#listeners) listener(status);
		}, PAUSE_MS).unref();
	}

	close(): void {
		clearTimeout(this.#timer);
		this.#listeners.clear();
	}
}

import type { DeviceId, NamespaceId } from '@mydropbox/protocol';

/** Wakes whoever waits for changes of a namespace. One process serves a data server's database, so memory is enough. */
export class Notifier {
	readonly #listeners = new Map<NamespaceId, Set<Listener>>();

	/**
	 * Subscribe before you query: what is committed in between then ends the wait at once.
	 * @param arrivalsTo the device that also wants to hear of what others are bringing; undefined: commits are enough.
	 */
	subscribe(namespaces: readonly NamespaceId[], arrivalsTo?: DeviceId): Subscription {
		const { promise, resolve } = Promise.withResolvers<void>();
		const listener = { wake: resolve, arrivalsTo };
		for (const namespace of namespaces) {
			const listeners = this.#listeners.get(namespace) ?? new Set();
			this.#listeners.set(namespace, listeners.add(listener));
		}
		const close = () => {
			for (const namespace of namespaces) {
				const listeners = this.#listeners.get(namespace);
				if (listeners?.delete(listener) && listeners.size === 0) this.#listeners.delete(namespace);
			}
		};
		return { changed: promise, wake: resolve, close };
	}

	/** Called after a commit is durable. */
	notify(namespace: NamespaceId): void {
		for (const { wake } of this.#listeners.get(namespace) ?? []) wake();
	}

	/** Called when something is arriving that is not committed. */
	notifyOfArrival(namespace: NamespaceId, from: DeviceId): void {
		for (const { wake, arrivalsTo } of this.#listeners.get(namespace) ?? []) {
			if (arrivalsTo !== undefined && arrivalsTo !== from) wake();
		}
	}

	/** Ends all waits, whether or not anything has happened. */
	wakeAll(): void {
		for (const namespace of this.#listeners.keys()) this.notify(namespace);
	}

	/** How many wait. */
	get waiting(): number {
		return new Set([...this.#listeners.values()].flatMap((listeners) => [...listeners])).size;
	}
}

interface Listener {
	readonly wake: () => void;
	readonly arrivalsTo: DeviceId | undefined;
}

export interface Subscription {
	/** Resolves at the first commit, or arrival, after the subscription. */
	readonly changed: Promise<void>;
	/** Resolves `changed` without one. */
	readonly wake: () => void;
	close(): void;
}

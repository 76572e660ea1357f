import type { NamespaceId } from '@mydropbox/protocol';

/** Wakes whoever waits for changes of a namespace. One process serves a data server's database, so memory is enough. */
export class Notifier {
	readonly #listeners = new Map<NamespaceId, Set<() => void>>();

	/** Subscribe before you query: what is committed in between then ends the wait at once. */
	subscribe(namespaces: readonly NamespaceId[]): Subscription {
		const { promise, resolve } = Promise.withResolvers<void>();
		for (const namespace of namespaces) {
			const listeners = this.#listeners.get(namespace) ?? new Set();
			this.#listeners.set(namespace, listeners.add(resolve));
		}
		const close = () => {
			for (const namespace of namespaces) {
				const listeners = this.#listeners.get(namespace);
				if (listeners?.delete(resolve) && listeners.size === 0) this.#listeners.delete(namespace);
			}
		};
		return { changed: promise, wake: resolve, close };
	}

	/** Called after a commit is durable. */
	notify(namespace: NamespaceId): void {
		for (const listener of this.#listeners.get(namespace) ?? []) listener();
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

export interface Subscription {
	/** Resolves at the first commit after the subscription. */
	readonly changed: Promise<void>;
	/** Resolves `changed` without one. */
	readonly wake: () => void;
	close(): void;
}

import type { BlockHash, NamespaceId } from '@mydropbox/protocol';
import type { CallOptions, SyncServer } from './port.ts';

export interface Attempt {
	/** 0 for the first. */
	readonly number: number;
	/** Why the one before failed. */
	readonly failure: unknown;
	readonly namespace: NamespaceId;
	readonly signal: AbortSignal | undefined;
}

/** Says which server the attempt is made with, possibly after waiting; throws `failure` to give up. */
export type Chooser = (attempt: Attempt) => SyncServer | Promise<SyncServer>;

/**
 * A server whose calls are made again as long as `choose` says so. All calls of the port may be repeated; only a
 * stream of blocks cannot, because it is gone once it was read. Blocks that arrived are not fetched again.
 */
export function repeating(choose: Chooser): SyncServer {
	async function attempt<T>(
		namespace: NamespaceId,
		{ signal }: CallOptions,
		call: (server: SyncServer) => Promise<T>,
	): Promise<T> {
		let failure: unknown;
		for (let number = 0; ; number++) {
			const server = await choose({ number, failure, namespace, signal });
			try {
				return await call(server);
			} catch (error) {
				signal?.throwIfAborted();
				failure = error;
			}
		}
	}

	return {
		changes: (request, options = {}) =>
			attempt(request.cursors[0]!.namespace as NamespaceId, options, (server) => server.changes(request, options)),
		missingBlocks: (request, options = {}) =>
			attempt(request.namespace, options, (server) => server.missingBlocks(request, options)),
		announce: (request, options = {}) =>
			attempt(request.namespace, options, (server) => server.announce(request, options)),
		contents: (request, options = {}) =>
			attempt(request.namespace, options, (server) => server.contents(request, options)),
		commit: (request, options = {}) => attempt(request.namespace, options, (server) => server.commit(request, options)),

		async putBlocks(namespace, blocks, options = {}) {
			if (Array.isArray(blocks))
				return attempt(namespace, options, (server) => server.putBlocks(namespace, blocks, options));
			const server = await choose({ number: 0, failure: undefined, namespace, signal: options.signal });
			return server.putBlocks(namespace, blocks, options);
		},

		async *getBlocks({ namespace, hashes }, options = {}) {
			let rest: BlockHash[] = hashes;
			let failure: unknown;
			for (let number = 0; ; number++) {
				const server = await choose({ number, failure, namespace, signal: options.signal });
				try {
					for await (const block of server.getBlocks({ namespace, hashes: rest }, options)) {
						rest = rest.slice(1);
						number = 0;
						yield block;
					}
					return;
				} catch (error) {
					options.signal?.throwIfAborted();
					failure = error;
				}
			}
		},
	};
}

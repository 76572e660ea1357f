import type { Access } from '../tree/access.ts';
import type { StoreBlocks } from './block-batches.ts';

/** Sends the data server the blocks that it lacks, like any other client. */
export const toDataServer =
	(access: Access, signal: AbortSignal): StoreBlocks =>
	(blocks) =>
		access.ask(async (api, namespace) => {
			const unique = [...new Map(blocks.map((block) => [block.hash, block])).values()];
			const hashes = unique.map(({ hash }) => hash);
			const missing = new Set((await api.missingBlocks({ namespace, hashes }, { signal })).missing);
			const wanted = unique.filter(({ hash }) => missing.has(hash));
			if (wanted.length > 0) await api.putBlocks(namespace, wanted, { signal });
		});

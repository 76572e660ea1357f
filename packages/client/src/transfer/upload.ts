import type { BlockHash, Content, NamespaceId, NodeId } from '@mydropbox/protocol';
import { LIMITS } from '@mydropbox/protocol';
import type { FramedBlock } from '@mydropbox/protocol/content';
import type { SyncServer } from '@mydropbox/remote';
import type { Disk } from '../fs/jobs/index.ts';
import { inParallel, inSlices } from './flow.ts';

export interface Upload {
	readonly id: NodeId;
	/** Absolute. */
	readonly path: string;
	readonly content: Content;
}

interface Wanted {
	readonly upload: Upload;
	readonly hash: BlockHash;
	readonly start: number;
	readonly size: number;
}

export interface UploaderOptions {
	readonly server: SyncServer;
	readonly disk: Disk;
	readonly namespace: NamespaceId;
	/** Called between requests; true: leave the rest for the next round. What is on the server stays there. */
	readonly interrupted: () => boolean;
	readonly onBytes: (count: number) => void;
}

/** Bytes per put-blocks request: large enough that round trips do not count, small enough to be sent again. */
const BATCH_BYTES = 8 * 1024 * 1024;
const REQUESTS_AT_ONCE = 3;

/**
 * Brings the blocks of some files to the server, only those it lacks.
 * @returns ids of files that are not wholly there: changed on the disk meanwhile, or left for the next round.
 */
export async function uploadBlocks(
	uploads: readonly Upload[],
	options: UploaderOptions,
	signal: AbortSignal,
): Promise<Set<NodeId>> {
	const { server, disk, namespace, interrupted, onBytes } = options;
	const incomplete = new Set<NodeId>();
	const wanted = distinctBlocks(uploads);
	const missing = new Set<BlockHash>();
	for (const hashes of inSlices([...wanted.keys()], LIMITS.hashesPerRequest)) {
		const answer = await server.missingBlocks({ namespace, hashes }, { signal });
		for (const hash of answer.missing) missing.add(hash);
	}
	for (const [hash, { size }] of wanted) if (!missing.has(hash)) onBytes(size);
	const batches = inSlices(
		[...missing].map((hash) => wanted.get(hash)!),
		Number.POSITIVE_INFINITY,
		BATCH_BYTES,
	);
	await inParallel(batches, REQUESTS_AT_ONCE, async (batch) => {
		const blocks = interrupted() ? [] : await readBatch(disk, batch);
		const found = new Set(blocks.map(({ hash }) => hash));
		for (const { hash, upload } of batch) if (!found.has(hash)) incomplete.add(upload.id);
		if (blocks.length === 0) return;
		await server.putBlocks(namespace, blocks, { signal });
		onBytes(blocks.reduce((sum, { bytes }) => sum + bytes.length, 0));
	});
	return incomplete;
}

function distinctBlocks(uploads: readonly Upload[]): Map<BlockHash, Wanted> {
	const wanted = new Map<BlockHash, Wanted>();
	for (const upload of uploads) {
		let start = 0;
		for (const { hash, size } of upload.content.blocks) {
			if (!wanted.has(hash)) wanted.set(hash, { upload, hash, start, size });
			start += size;
		}
	}
	return wanted;
}

/** The blocks that are still on the disk as they were when they were hashed. */
async function readBatch(disk: Disk, batch: readonly Wanted[]): Promise<FramedBlock[]> {
	const files = [...Map.groupBy(batch, ({ upload }) => upload.path)].map(([path, places]) => ({
		path,
		places: places.map(({ hash, start, size }) => ({ hash, start, size })),
	}));
	const read = await disk.run('readBlocks', files);
	const wanted = files.flatMap(({ places }) => places);
	return read.flat().flatMap((bytes, index) => (bytes ? [{ hash: wanted[index]!.hash, bytes }] : []));
}

import { randomBytes } from 'node:crypto';
import { ApiError, type BlockHash, LIMITS, type PutBlocksResponse, randomId, type UserId } from '@mydropbox/protocol';
import { blockHash, FRAME_HEADER_BYTES, FrameDecoder, type FramedBlock, freeMemory } from '@mydropbox/protocol/content';
import { Counter, type Logger, type Registry } from '@mydropbox/server-kit';
import type { BlockIndex, LocatedBlock } from './block-index.ts';
import { type BlockPlace, encodeSegment } from './segment-format.ts';
import { type SegmentId, SegmentLost, type SegmentStorage } from './segment-storage.ts';
import { tooLarge, type Upload, UploadLimit } from './upload-limit.ts';

/** Blocks that are looked up, or read, at once. Small files make small blocks; large steps make up for it. */
const GROUP_BYTES = 4 * 1024 * 1024;
const GROUP_BLOCKS = 500;

export interface BlockStoreOptions {
	index: BlockIndex;
	storage: SegmentStorage;
	log: Logger;
	metrics: Registry;
	now: () => Date;
}

/** An owner's blocks: stored in segments, found by the index, verified on every way in, and out for whoever does not. */
export class BlockStore {
	readonly #options: BlockStoreOptions;
	readonly #damaged: Counter;
	readonly #uploads: UploadLimit;

	constructor(options: BlockStoreOptions) {
		this.#options = options;
		this.#uploads = new UploadLimit(options.index);
		this.#damaged = new Counter({
			name: 'mydropbox_damaged_blocks_total',
			help: 'Blocks whose stored bytes were lost or no longer had their hash when they were read',
			registers: [options.metrics],
		});
	}

	/** Which of the blocks the owner does not have. */
	async missing(owner: UserId, hashes: readonly BlockHash[]): Promise<BlockHash[]> {
		const there = await this.#options.index.stored(owner, hashes);
		return [...new Set(hashes)].filter((hash) => !there.has(hash));
	}

	/**
	 * Stores the framed blocks of a body in one new segment. After it resolves they can be committed, and survive a power
	 * cut from then on; before, one may make them missing again.
	 * @param limit bytes that the owner may have here uncommitted.
	 * @throws ApiError `quota-exceeded` beyond it.
	 */
	async put(
		owner: UserId,
		body: AsyncIterable<Uint8Array>,
		limit = Number.POSITIVE_INFINITY,
	): Promise<PutBlocksResponse> {
		const upload = this.#uploads.begin(owner, limit);
		try {
			return await this.#store(owner, this.#newBlocks(owner, body, upload));
		} finally {
			upload.end();
		}
	}

	async #store(owner: UserId, groups: AsyncGenerator<FramedBlock[]>): Promise<PutBlocksResponse> {
		const { index, storage, now } = this.#options;
		const first = await groups.next();
		if (first.done) return { stored: 0, bytes: 0 };
		const key = { owner, segment: randomId<SegmentId>(randomBytes) };
		const places: BlockPlace[] = [];
		const pieces = encodeSegment(key, startingWith(first.value, groups), (place) => places.push(place));
		const segmentBytes = await storage.write(key, pieces);
		await index.add(key, segmentBytes, places, now());
		return { stored: places.length, bytes: places.reduce((sum, { length }) => sum + length, 0) };
	}

	/** @throws ApiError `not-found` unless all are there. */
	async locate(owner: UserId, hashes: readonly BlockHash[]): Promise<LocatedBlock[]> {
		const places = await this.#options.index.locate(owner, hashes);
		return hashes.map((hash) => {
			const place = places.get(hash);
			if (!place)
				throw new ApiError('not-found', `There is no block ${hash} here; ask for the latest changes and try again.`);
			return place;
		});
	}

	/**
	 * The blocks in the order given, a few MiB of one segment at a time, in one memory with a place for a header before each;
	 * those are valid until the next are asked for.
	 * @param verify false only for whoever checks every hash itself, and comes back to have a wrong one verified.
	 * @throws ApiError `internal` at the first damaged one: verified, wrong bytes never leave.
	 */
	async *read(owner: UserId, blocks: readonly LocatedBlock[], verify = true): AsyncGenerator<FramedBlock[]> {
		for (const run of runsOf(blocks)) yield* this.#readRun(owner, run, verify);
	}

	async *#readRun(owner: UserId, run: readonly LocatedBlock[], verify: boolean): AsyncGenerator<FramedBlock[]> {
		const { segment, offset } = run[0] as LocatedBlock;
		const start = offset - FRAME_HEADER_BYTES;
		const last = run.at(-1) as LocatedBlock;
		let bytes: Buffer;
		try {
			bytes = await this.#options.storage.read({ owner, segment }, start, last.offset + last.length - start);
		} catch (error) {
			if (!(error instanceof SegmentLost)) throw error;
			if (run.length === 1) yield* this.#readMoved(owner, last, error, verify);
			// A segment that lost its end still has its beginning.
			else for (const block of run) yield* this.#readRun(owner, [block], verify);
			return;
		}
		const blocks: FramedBlock[] = [];
		for (const block of run) {
			const own = bytes.subarray(block.offset - start, block.offset - start + block.length);
			if (verify && blockHash(own) !== block.hash) await this.#reportDamage(owner, block);
			blocks.push({ hash: block.hash, bytes: own });
		}
		yield blocks;
		freeMemory(bytes);
	}

	/** The collector moves blocks, and then the segment goes, whoever is reading. */
	async *#readMoved(
		owner: UserId,
		block: LocatedBlock,
		lost: SegmentLost,
		verify: boolean,
	): AsyncGenerator<FramedBlock[]> {
		const [now] = await this.locate(owner, [block.hash]);
		if (!now || now.segment === block.segment) await this.#reportDamage(owner, block, lost);
		else yield* this.#readRun(owner, [now], verify);
	}

	async #reportDamage(owner: UserId, { hash, segment, offset }: LocatedBlock, cause?: unknown): Promise<never> {
		this.#damaged.inc();
		this.#options.log.error({ owner, hash, segment, offset, err: cause }, 'a stored block is damaged');
		await this.#options.index.markDamaged({ owner, segment }, [hash]);
		throw new ApiError(
			'internal',
			`The server's copy of block ${hash} is damaged and was not sent. It is repaired when a device that still has the file uploads it again; older versions are untouched.`,
			{ cause },
		);
	}

	/** The body's blocks, verified, without those that the owner has already. */
	async *#newBlocks(owner: UserId, body: AsyncIterable<Uint8Array>, upload: Upload): AsyncGenerator<FramedBlock[]> {
		const taken = new Set<BlockHash>();
		for await (const group of blocksOf(body)) {
			const hashes = group.map(({ hash }) => hash);
			const wanted = new Set(await this.missing(owner, hashes));
			const news = group.filter(({ hash }) => {
				if (!wanted.delete(hash) || taken.has(hash)) return false;
				taken.add(hash);
				return true;
			});
			await upload.take(news.reduce((sum, { bytes }) => sum + bytes.length, 0));
			if (news.length > 0) yield news;
		}
	}
}

async function* startingWith<Item>(first: Item, rest: AsyncIterable<Item>): AsyncGenerator<Item> {
	yield first;
	yield* rest;
}

/**
 * The verified blocks of a body, many at once: to wait for each would cost as much as to store it.
 * @throws ApiError `too-large` as soon as the limit is passed, whatever the headers promised.
 */
async function* blocksOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<FramedBlock[]> {
	const decoder = new FrameDecoder();
	let total = 0;
	let group: FramedBlock[] = [];
	let bytes = 0;
	const pieces = body[Symbol.asyncIterator]();
	// Not `for await`, as in `decodeFrames`.
	for (let next = await pieces.next(); !next.done; next = await pieces.next()) {
		total += next.value.length;
		if (total > LIMITS.putBlocksBytes) throw tooLarge();
		for (const block of decoder.push(next.value)) {
			group.push(block);
			bytes += block.bytes.length;
		}
		if (bytes < GROUP_BYTES && group.length < GROUP_BLOCKS) continue;
		yield group;
		group = [];
		bytes = 0;
	}
	decoder.end();
	if (group.length > 0) yield group;
}

/** Neighbours in a segment that are asked for one after the other are read at once. */
function* runsOf(blocks: readonly LocatedBlock[]): Generator<LocatedBlock[]> {
	let run: LocatedBlock[] = [];
	for (const block of blocks) {
		const first = run[0];
		const last = run.at(-1);
		if (first && last && !(isNext(last, block) && block.offset + block.length - first.offset <= GROUP_BYTES)) {
			yield run;
			run = [];
		}
		run.push(block);
	}
	if (run.length > 0) yield run;
}

/** Between two neighbours lies a frame header, and maybe a few blocks that were not asked for. */
function isNext(a: LocatedBlock, b: LocatedBlock): boolean {
	const gap = b.offset - (a.offset + a.length);
	return a.segment === b.segment && gap >= FRAME_HEADER_BYTES && gap <= 16 * 1024;
}

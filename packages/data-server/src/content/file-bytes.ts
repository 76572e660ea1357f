import type { BlockRef, Content, UserId } from '@mydropbox/protocol';
import type { BlockStore } from '../blocks/block-store.ts';
import type { ByteRange } from './byte-range.ts';

/** Blocks looked up at once: the list of a large file is long. */
const GROUP_BLOCKS = 256;

/** The bytes of a range, each block verified; holds a few blocks at a time, valid until the next are asked for. */
export async function* fileBytes(
	blocks: BlockStore,
	owner: UserId,
	content: Content,
	range: ByteRange,
): AsyncGenerator<Uint8Array[]> {
	const { wanted, start } = blocksOf(content.blocks, range);
	let position = start;
	for (let from = 0; from < wanted.length; from += GROUP_BLOCKS) {
		const hashes = wanted.slice(from, from + GROUP_BLOCKS).map(({ hash }) => hash);
		for await (const group of blocks.read(owner, await blocks.locate(owner, hashes))) {
			yield group.map(({ bytes }) => {
				const from = Math.max(0, range.start - position);
				const to = Math.min(bytes.length, range.end - position);
				position += bytes.length;
				return bytes.subarray(from, to);
			});
		}
	}
}

/** The blocks that a range touches, and where the first of them starts. */
function blocksOf(blocks: readonly BlockRef[], range: ByteRange): { wanted: BlockRef[]; start: number } {
	const wanted: BlockRef[] = [];
	let start = 0;
	let position = 0;
	for (const block of blocks) {
		const end = position + block.size;
		if (end > range.start && position < range.end) {
			if (wanted.length === 0) start = position;
			wanted.push(block);
		}
		position = end;
	}
	return { wanted, start };
}

import { join } from 'node:path';
import type { Content } from '@mydropbox/protocol';
import { type FileVersion, sameContent } from '@mydropbox/sync-engine';
import type { ReadResult } from '../fs/jobs/read.ts';
import { ctimeOf } from '../fs/quiet.ts';
import type { LocalNode } from '../state/nodes.ts';
import { inSlices } from '../transfer/flow.ts';
import type { Context } from './context.ts';
import { sizeOf } from './writes.ts';

/** Systems bring what was written to the disk within half a minute, or a minute; to be sure, twice that. */
const WRITE_BACK_NS = 120_000_000_000n;
const QUICKLY_READ_BYTES = 1024 ** 3;
const FILES_PER_JOB = 64;
const BYTES_PER_JOB = 8 * 1024 * 1024;

/**
 * After a power cut a file may hold other bytes than those that we read, under the same times: what a program had
 * written over it had its new size and times on the disk already, and its bytes not yet. No look at the folder finds
 * that, so what was written last is read again. Such bytes are nobody's version: where the server has the real one,
 * it comes from there. What cannot be read now has to be read again, and counts as written by somebody if it is another.
 */
export async function findTorn({ store, disk, folder, log }: Context): Promise<void> {
	const suspects = writtenLast(filesOf(store));
	const sized = suspects.map((node) => ({ node, size: sizeOf(node.version) }));
	for (const slice of inSlices(sized, FILES_PER_JOB, BYTES_PER_JOB)) {
		const known = slice.flatMap(({ node }) => {
			const path = store.diskPath(node.id);
			return path === undefined ? [] : [{ node, path: join(folder, path) }];
		});
		const results = await disk.run(
			'readFiles',
			known.map(({ path }) => path),
		);
		store.transaction(() => {
			known.forEach(({ node, path }, index) => {
				const result = results[index]!;
				if (!('content' in result)) store.forgetContent(node.id);
				else if (isTorn(node, result)) {
					log.warn({ path }, 'the disk has lost what was written to this file');
					disbelieve(node, result.content, store);
				}
			});
		});
	}
}

function filesOf({ local }: Context['store']): LocalNode[] {
	const nodes = local.ids().map((id) => local.get(id)!);
	return nodes.filter(({ version }) => version.kind === 'file' && version.content !== null);
}

/**
 * By the disk's own clock, which alone says what was written shortly before the last thing; and, since a clock may have
 * been set back, as much of the rest as is quickly read.
 */
function writtenLast(files: readonly LocalNode[]): LocalNode[] {
	const sorted = files
		.map((node) => ({ node, ctime: ctimeOf(node.disk.stamp) }))
		.sort((a, b) => (a.ctime > b.ctime ? -1 : Number(a.ctime < b.ctime)));
	const since = (sorted[0]?.ctime ?? 0n) - WRITE_BACK_NS;
	let bytes = 0;
	return sorted.flatMap(({ node, ctime }) => {
		bytes += sizeOf(node.version);
		return ctime >= since || bytes <= QUICKLY_READ_BYTES ? [node] : [];
	});
}

/** Whether the file holds something else than what we read, although nobody has touched it. */
function isTorn({ version, disk }: LocalNode, { entry, content }: Extract<ReadResult, { content: Content }>): boolean {
	const isUntouched = entry.stamp === disk.stamp && entry.identity === disk.identity;
	return isUntouched && version.kind === 'file' && content.hash !== version.content;
}

/** As if both sides had agreed on what is there, so that the server's version is newer. */
function disbelieve(node: LocalNode, torn: Content, { local, synced, contents }: Context['store']): void {
	const base = synced.get(node.id);
	contents.put(torn);
	local.set({ ...node, version: { ...(node.version as FileVersion), content: torn.hash } });
	if (base && sameContent(base.version, node.version))
		synced.set({ ...base, version: { ...(base.version as FileVersion), content: torn.hash } });
}

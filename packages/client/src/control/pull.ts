import type { Change, NamespaceChanges, Rev } from '@mydropbox/protocol';
import { samePlace } from '@mydropbox/sync-engine';
import type { Context } from './context.ts';

/**
 * Brings the remote tree up to the server's head. Pages are kept until the last one has come and applied in one
 * transaction: between two pages a tree is not consistent.
 * @param atLeast goes on until this rev has been seen, e.g. the head after an own commit.
 */
export async function pull(
	{ store, server, namespace, exclusions, log }: Context,
	signal: AbortSignal,
	atLeast = 0,
): Promise<void> {
	const cursor = store.cursor();
	let { epoch, rev } = cursor;
	let reset = false;
	const pages: NamespaceChanges[] = [];
	for (;;) {
		const answer = await server.changes({ cursors: [{ namespace, epoch, rev }], waitMs: 0 }, { signal });
		const page = answer.namespaces.find((candidate) => candidate.namespace === namespace);
		if (!page) break;
		if (page.reset) {
			pages.length = 0;
			reset = true;
		}
		pages.push(page);
		epoch = page.epoch;
		rev = page.cursor;
		if (!page.more && page.cursor >= atLeast) break;
	}
	if (pages.length === 0) return;
	if (reset && cursor.epoch) log.warn('The server does not know our past; merging with it without deleting anything.');
	store.observe(() => {
		if (reset) store.resetRemote();
		const changes = pages.flatMap((page) => page.changes);
		const moved = changes.filter((change) => applyAndTell(change, store));
		if (exclusions.any) for (const { id } of moved) exclusions.movedInto(id);
		store.settleSent(rev as Rev, new Set(changes.filter(({ kind }) => kind === 'deleted').map(({ id }) => id)));
		store.setCursor({ epoch: epoch!, rev: rev as Rev });
	});
}

/** @returns whether it has moved a folder that was known. */
function applyAndTell(change: Change, store: Context['store']): boolean {
	const before = store.remote.get(change.id);
	store.applyChange(change);
	return change.kind === 'folder' && before !== undefined && !samePlace(before, change);
}

import {
	type Epoch,
	LIMITS,
	type NodeId,
	type NodeState,
	type NodeVersion,
	type Operation,
	type OperationResult,
	Rev,
} from '@mydropbox/protocol';
import type { DeletedEntry, FileEntry, ListTrashResponse } from '@mydropbox/protocol/web';
import type { Access } from './access.ts';
import { commit, commitOne } from './commit.ts';
import { copyName } from './copy-name.ts';
import { entryOf } from './entry.ts';
import { refused } from './refused.ts';

/** Names up to "a (1000)". */
const MOST_COPIES = 1000;

/** Latest first. */
export async function listTrash(
	access: Access,
	page: { before?: number | undefined; limit: number },
): Promise<ListTrashResponse> {
	const before = page.before === undefined ? {} : { before: Rev.parse(page.before) };
	const { deleted } = await access.ask((api, namespace) => api.trash({ namespace, ...before, limit: page.limit }));
	const entries = deleted.map(({ state, folder, at, device }): DeletedEntry => {
		const { id, name, path, kind, size } = entryOf(state, folder);
		return { id, name, path, kind, size, deletedAt: at, device };
	});
	return { entries, nextBefore: deleted.length === page.limit ? (deleted.at(-1)?.rev ?? null) : null };
}

/**
 * Brings something back to where it was, with what was deleted along with it.
 * @throws ApiError that says what did not come back.
 */
export async function restoreDeleted(access: Access, id: NodeId): Promise<{ file: FileEntry; restored: number }> {
	const { epoch, folder, states } = await access.ask((api, namespace) => api.deletedTree({ namespace, id }));
	const [top, ...below] = states as [NodeState, ...NodeState[]];
	const back = await placeTop(access, epoch, top);
	let restored = 1;
	// Folders come before what is in them, so each commit finds them there.
	for (let from = 0; from < below.length; from += LIMITS.commitOperations) {
		const operations = below.slice(from, from + LIMITS.commitOperations).map((state) => putBack(state));
		const results = await commit(access, epoch, operations);
		restored += results.filter(({ ok }) => ok).length;
		const refusal = results.find((result): result is OperationResult & { ok: false } => !result.ok);
		if (refusal)
			throw refused(refusal.code, `${restored} of ${states.length} things in “${top.name}” are back, the rest is not`);
	}
	return { file: entryOf(back, folder), restored };
}

/** By another name where its own is taken by now. */
async function placeTop(access: Access, epoch: Epoch, top: NodeState): Promise<NodeState> {
	for (let number = 1; ; number++) {
		const name = number === 1 ? top.name : copyName(top.name, number);
		const result = await commitOne(access, epoch, putBack({ ...top, name }));
		if (result.ok) return { ...top, name, rev: result.rev };
		if (result.code !== 'name-taken' || number === MOST_COPIES) throw refused(result.code, `“${top.name}” is not back`);
	}
}

const putBack = ({ id, parent, name, rev: _, ...version }: NodeState): Operation => ({
	op: 'put',
	...{ id, base: Rev.parse(0), parent, name },
	version: version as NodeVersion,
});

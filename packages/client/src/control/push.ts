import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import {
	ApiError,
	type CommitRequest,
	type IdempotencyKey,
	LIMITS,
	type NodeId,
	type NodeVersion,
	type Operation,
	type OperationResult,
	type Rev,
	randomId,
} from '@mydropbox/protocol';
import { type Place, type RemoteOperation, samePlace, type Version } from '@mydropbox/sync-engine';
import { inSlices } from '../transfer/flow.ts';
import { type Upload, uploadBlocks } from '../transfer/upload.ts';
import type { Context, Round } from './context.ts';
import { refusalProblem } from './explain.ts';
import { pathOf } from './waiting.ts';

/** Operations and content bytes of one commit: often enough that others see progress, seldom enough to be cheap. */
const COMMIT_OPERATIONS = 500;
const COMMIT_BYTES = 64 * 1024 * 1024;

/**
 * Brings a plan's changes to the server: blocks first, then the commit. While one commit is under way, the blocks of
 * the next one travel. The remote tree is not touched: the server's answer to the next pull tells what became of it.
 * @returns the server's head after the last commit; 0 when there was none.
 */
export async function push(
	batches: readonly (readonly RemoteOperation[])[],
	context: Context,
	round: Round,
): Promise<number> {
	const slices = commitSlices(batches.flat());
	let head = 0;
	let ready = prepare(slices[0], context, round);
	for (let i = 0; i < slices.length; i++) {
		const operations = await ready;
		ready = prepare(slices[i + 1], context, round);
		ready.catch(() => undefined);
		try {
			if (operations.length > 0 && !round.halted()) head = Math.max(head, await commit(operations, context, round));
		} catch (error) {
			// Nothing may go on behind the back of the next round.
			await ready.catch(() => undefined);
			throw error;
		}
	}
	return head;
}

/** All operations on one node stay in one commit. */
function commitSlices(operations: readonly RemoteOperation[]): RemoteOperation[][] {
	const last = new Map(operations.map(({ id }, index) => [id, index]));
	const units: { operations: RemoteOperation[]; size: number }[] = [];
	let open = -1;
	operations.forEach((operation, index) => {
		const size = operation.type === 'put' && operation.version.kind === 'file' ? operation.version.size : 0;
		const unit = index <= open ? units.at(-1)! : { operations: [], size: 0 };
		if (index > open) units.push(unit);
		unit.operations.push(operation);
		unit.size += size;
		open = Math.max(open, last.get(operation.id)!);
	});
	const slices: RemoteOperation[][] = [];
	let room = { operations: 0, bytes: 0 };
	for (const unit of units) {
		// A unit that no commit holds is the only one that is cut.
		for (const list of inSlices(unit.operations, LIMITS.commitOperations)) {
			if (list.length > room.operations || unit.size > room.bytes) {
				slices.push([]);
				room = { operations: Math.max(COMMIT_OPERATIONS, list.length), bytes: Math.max(COMMIT_BYTES, unit.size) };
			}
			slices.at(-1)!.push(...list);
			room = { operations: room.operations - list.length, bytes: room.bytes - unit.size };
		}
	}
	return slices;
}

/** Uploads what the operations need. @returns those whose blocks are all on the server. */
async function prepare(
	operations: readonly RemoteOperation[] | undefined,
	context: Context,
	round: Round,
): Promise<RemoteOperation[]> {
	if (!operations || round.interrupted()) return [];
	const { server, disk, namespace, progress, problems, store } = context;
	const uploads = operations.flatMap((operation) => uploadOf(operation, context) ?? []);
	if (uploads.length === 0) return [...operations];
	const onBytes = (count: number) => progress.bytes(count);
	const options = { server, disk, namespace, interrupted: round.interrupted, onBytes };
	const incomplete = await uploadBlocks(uploads, options, round.signal);
	if (incomplete.size > 0 && !round.interrupted()) {
		store.transaction(() => {
			for (const id of incomplete) store.forgetContent(id);
		});
		for (const id of incomplete) {
			round.look(store.local.get(id)?.parent ?? store.root);
			problems.outrun(id, pathOf(store, id));
		}
	}
	return operations.filter(({ id }) => !incomplete.has(id));
}

function uploadOf(operation: RemoteOperation, { store, folder }: Context): Upload | undefined {
	const content = newContent(operation, store);
	const path = content && store.diskPath(operation.id);
	return path === undefined ? undefined : { id: operation.id, path: join(folder, path), content: content! };
}

/** The content that the operation brings and that the node does not have on the server. */
function newContent(operation: RemoteOperation, store: Context['store']) {
	if (operation.type !== 'put' || operation.version.kind !== 'file') return undefined;
	const there = store.remote.get(operation.id)?.version;
	if (there?.kind === 'file' && there.content === operation.version.content) return undefined;
	return store.contents.get(operation.version.content!);
}

async function commit(operations: readonly RemoteOperation[], context: Context, round: Round): Promise<number> {
	const { namespace, store } = context;
	const request = {
		namespace,
		epoch: store.cursor().epoch!,
		key: randomId<IdempotencyKey>(randomBytes),
		operations: operations.map((operation) => toWire(operation, store)),
	};
	store.transaction(() => {
		for (const operation of operations) remember(operation, null, store);
		store.openCommit(request);
	});
	return send(request, context, round.signal);
}

/**
 * Sends a commit again whose answer never came, before anything else is asked: the server does it now, or says what it
 * answered then. Only so is it known what others have changed since, and what we have.
 */
export async function finishCommit(context: Context, signal: AbortSignal): Promise<void> {
	const request = context.store.unansweredCommit();
	if (request) await send(request, context, signal);
}

async function send(request: CommitRequest, context: Context, signal: AbortSignal): Promise<number> {
	const { server, store, log } = context;
	const { operations } = request;
	try {
		const { head, results } = await server.commit(request, { signal });
		store.observe(() => {
			const taken = new Map<NodeId, Taken>();
			for (const [index, operation] of operations.entries()) {
				const result = results[index]!;
				note(operation.id, result, taken.get(operation.id), context);
				if (result.ok && operation.op !== 'delete') taken.set(operation.id, { place: operation, rev: result.rev });
			}
			store.closeCommit();
		});
		log.debug({ operations: operations.length, head }, 'committed');
		return head;
	} catch (error) {
		if (isRefusal(error)) {
			store.transaction(() => {
				for (const { id } of operations) store.sent.delete(id);
				store.closeCommit();
			});
		}
		throw error;
	}
}

/** The server has looked at the whole commit and has done nothing of it. */
const isRefusal = (error: unknown): boolean =>
	error instanceof ApiError && error.status < 500 && ![401, 408, 429].includes(error.status);

function toWire(operation: RemoteOperation, store: Context['store']): Operation {
	const base = (store.remote.get(operation.id)?.rev ?? 0) as Rev;
	const { id } = operation;
	switch (operation.type) {
		case 'delete':
			return { op: 'delete', id, base };
		case 'move':
			return { op: 'move', id, base, ...operation.place };
		case 'put': {
			const content = newContent(operation, store);
			const version = wireVersion(operation.version);
			return { op: 'put', id, base, ...operation.place, version, ...(content ? { content } : {}) };
		}
	}
}

/** The planner lets only files go that have been read. */
const wireVersion = (version: Version): NodeVersion => version as NodeVersion;

/**
 * What the two sides agree on once the server takes the operation: what it brings there. A place that it finds there is
 * agreed on only if it is so here, too. One that a node goes to only to make room is nobody's wish: it is agreed on, so
 * that it is this side that still moves the node on, should the rest have to wait.
 */
function remember(
	operation: RemoteOperation,
	rev: Rev | null,
	{ sent, local, remote, synced }: Context['store'],
): void {
	const { id, type } = operation;
	const here = local.get(id);
	const base = synced.get(id);
	const bringsPlace = (to: Place) => here && (samePlace(here, to) || !isAt(remote.get(id), to));
	const place = type !== 'delete' && bringsPlace(operation.place) ? operation.place : base;
	const version = type === 'put' ? operation.version : base?.version;
	if (type === 'delete' || !place || !version) sent.delete(id);
	else sent.set({ id, parent: place.parent, name: place.name, version, rev });
}

const isAt = (node: Place | undefined, place: Place): boolean => node !== undefined && samePlace(node, place);

/** What the server has already done with a node in the same commit. */
interface Taken {
	readonly place: Place;
	readonly rev: Rev;
}

function note(id: NodeId, result: OperationResult, before: Taken | undefined, context: Context): void {
	const { problems, progress, store, log } = context;
	if (result.ok) {
		const told = store.sent.get(id);
		if (told) store.sent.set({ ...told, rev: result.rev });
		problems.succeeded(id);
		progress.done(id);
		return;
	}
	if (before) remember({ type: 'move', id, place: before.place }, before.rev, store);
	else store.sent.delete(id);
	const path = pathOf(store, id);
	log.info({ path, code: result.code }, 'refused by the server; looking again');
	const problem = refusalProblem(path, result.code);
	if (problem) problems.failed(id, problem);
	else problems.outrun(id, path);
}

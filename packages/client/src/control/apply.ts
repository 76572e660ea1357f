import { basename, join } from 'node:path';
import { ApiError, type NodeId } from '@mydropbox/protocol';
import type { LocalOperation, Place, Signature, TreeNode } from '@mydropbox/sync-engine';
import type { DiskEntry } from '../fs/entry.ts';
import type { Change, PublishResult } from '../fs/jobs/change.ts';
import { RULE_FILE } from '../ignore/patterns.ts';
import type { DiskNames } from '../names/disk-names.ts';
import { Spellings } from '../names/spellings.ts';
import { nodeOf } from '../scan/entry-node.ts';
import type { LocalNode } from '../state/nodes.ts';
import type { Downloader, Source } from '../transfer/download.ts';
import { inParallel, inSlices } from '../transfer/flow.ts';
import { StagingFailed } from '../transfer/staged-file.ts';
import { Changes } from './changes.ts';
import type { Context, Round } from './context.ts';
import { diskProblem } from './explain.ts';
import type { RootGuard } from './root-guard.ts';
import { timedVersion } from './times.ts';
import { noteApplying } from './unfinished.ts';
import { pathOf } from './waiting.ts';
import { hashOf, isRemoval, oncePerLargeContent, sizeOf, type Write } from './writes.ts';

const OPERATIONS_PER_JOB = 256;
/** Content bytes that are downloaded together and then appear together. */
const BYTES_PER_JOB = 8 * 1024 * 1024;
const JOBS_AT_ONCE = 3;

/** Brings a plan's changes to the disk, and what the disk then shows into the local tree. */
export class Applier {
	readonly #context: Context;
	readonly #downloader: Downloader;
	readonly #tempDir: string;
	readonly #names: DiskNames;
	readonly #signature: () => Signature;
	#spellings: Spellings;
	#changes: Changes;

	constructor(context: Context, downloader: Downloader, guard: RootGuard, signature: () => Signature) {
		this.#context = context;
		this.#downloader = downloader;
		this.#tempDir = guard.tempDir;
		this.#names = guard.names;
		this.#signature = signature;
		this.#spellings = new Spellings(context.store, guard.names);
		this.#changes = new Changes(context, this.#spellings, signature);
	}

	async apply(batches: readonly (readonly LocalOperation[])[], round: Round): Promise<void> {
		this.#spellings = new Spellings(this.#context.store, this.#names);
		this.#changes = new Changes(this.#context, this.#spellings, this.#signature);
		for (const batch of batches) {
			if (round.interrupted()) return;
			await this.#applyBatch(batch, round);
		}
	}

	/** Folders move one by one before the rest: every path below them changes. */
	async #applyBatch(batch: readonly LocalOperation[], round: Round): Promise<void> {
		const { store } = this.#context;
		const movesFolder = (op: LocalOperation) => op.type === 'move' && store.local.get(op.id)?.version.kind === 'folder';
		for (const operation of batch.filter(movesFolder)) await this.#publish([operation], new Map(), round);
		const rest = batch.filter((operation) => !movesFolder(operation));
		const needsContent = (op: LocalOperation) =>
			op.type === 'write' && op.version.kind === 'file' && this.#changes.bringsContent(op);
		const plain = rest.filter((operation) => !needsContent(operation));
		for (const slice of inSlices(plain, OPERATIONS_PER_JOB * 4)) await this.#publish(slice, new Map(), round);
		await this.#download(rest.filter(needsContent) as Write[], round);
	}

	/**
	 * Small files beside each other, in the order in which they were sent, as the server keeps them; large ones last. What
	 * is interrupted goes on in the next round where it stopped.
	 */
	async #download(writes: readonly Write[], round: Round): Promise<void> {
		if (writes.length === 0) return;
		await this.#downloader.learn(writes.map(hashOf), round.signal);
		const isLarge = ({ version }: Write) => this.#downloader.isLarge(sizeOf(version));
		const sized = oncePerLargeContent(writes, isLarge)
			.map((write) => ({ write, size: sizeOf(write.version) }))
			.sort((a, b) => Number(isLarge(a.write)) - Number(isLarge(b.write)));
		await inParallel(inSlices(sized, OPERATIONS_PER_JOB, BYTES_PER_JOB), JOBS_AT_ONCE, async (slice) => {
			if (round.interrupted()) return;
			await this.#fetchAndPublish(
				slice.map(({ write }) => write),
				round,
			);
		});
	}

	async #fetchAndPublish(writes: readonly Write[], round: Round): Promise<void> {
		try {
			const sources = await this.#downloader.sources([...new Set(writes.map(hashOf))], round.signal);
			const complete = writes.filter((write) => sources.has(hashOf(write)));
			await this.#publish(complete, sources, round);
			if (!round.interrupted()) this.#reportUnavailable(writes.filter((write) => !sources.has(hashOf(write))));
		} catch (error) {
			if (isNotFound(error) && writes.length > 1) {
				// One of them is not there; alone, the others are.
				for (const write of writes) if (!round.interrupted()) await this.#fetchAndPublish([write], round);
			} else this.#reportFailure(writes, error);
		}
	}

	/** What concerns these files alone does not stop the others. */
	#reportFailure(writes: readonly Write[], error: unknown): void {
		if (error instanceof StagingFailed) {
			for (const write of writes)
				this.#context.problems.failed(write.id, diskProblem(this.#describe(write), error.code));
		} else if (isNotFound(error)) this.#reportUnavailable(writes);
		else throw error;
	}

	#reportUnavailable(writes: readonly Write[]): void {
		for (const { id, place } of writes) {
			const path = this.#describePlace(place);
			this.#context.problems.failed(id, {
				path,
				reason: 'The server cannot deliver the content now.',
				nextStep: 'It is tried again by itself; if it stays so, tell whoever runs the server.',
			});
		}
	}

	async #publish(
		operations: readonly LocalOperation[],
		sources: ReadonlyMap<string, Source>,
		round: Round,
	): Promise<void> {
		const { disk, store, problems, exclusions } = this.#context;
		const isExcluded = exclusions.now();
		const steps = operations.flatMap((operation) => {
			// Somebody may have included it since this was planned.
			if (operation.type === 'evict' && !isExcluded(operation.id)) return [];
			const change = this.#changes.for(operation, sources);
			if (!change && 'place' in operation && this.#waitsForAnother(operation.id, operation.place)) return [];
			if (!change) {
				round.look(store.local.get(operation.id)?.parent ?? store.root);
				problems.outrun(operation.id, this.#describe(operation));
			}
			return change ? [{ operation, change }] : [];
		});
		if (steps.length === 0 || round.halted()) return;
		const agreed = this.#forgetEvicted(steps.map(({ operation }) => operation));
		store.transaction(() => {
			for (const { operation } of steps) noteApplying(operation, store);
		});
		const results = await disk.run(
			'publish',
			this.#tempDir,
			steps.map(({ change }) => change),
		);
		store.observe(() => {
			for (const [index, step] of steps.entries()) {
				const { operation } = step;
				const result = this.#orLeftBehind(operation, results[index]!);
				this.#record(step, result, round);
				const base = agreed.get(operation.id);
				if (base && !('entry' in result)) store.synced.set(base);
			}
		});
	}

	/**
	 * What leaves this device alone is no longer agreed on before it goes: whatever happens in between, and whoever
	 * includes it again, nothing says then that it was deleted here. @returns what was agreed, should it not go after all.
	 */
	#forgetEvicted(operations: readonly LocalOperation[]): Map<NodeId, TreeNode> {
		const { store } = this.#context;
		const evicted = operations.filter(({ type }) => type === 'evict').map(({ id }) => id);
		const agreed = new Map(evicted.flatMap((id) => store.synced.get(id) ?? []).map((node) => [node.id, node]));
		if (evicted.length > 0) store.transaction(() => evicted.forEach((id) => void store.disown(id)));
		return agreed;
	}

	#record({ operation, change }: Step, result: PublishResult, round: Round): void {
		const { store, problems, progress, exclusions } = this.#context;
		const { id } = operation;
		store.applying.delete(id);
		if (operation.type === 'write' && operation.displaced?.id) store.applying.delete(operation.displaced.id);
		const node = store.local.get(id);
		const parent = isRemoval(operation) ? (node?.parent ?? store.root) : operation.place.parent;
		if ('surprise' in result) {
			round.look(node?.parent ?? parent);
			round.look(parent);
			if (operation.type === 'move' && result.surprise === 'EEXIST') exclusions.placeTaken(id, operation.place);
			problems.outrun(id, this.#describe(operation));
			return;
		}
		if ('error' in result) {
			problems.failed(id, diskProblem(this.#describe(operation), result.error));
			return;
		}
		const hasLeft = node && !(change.do === 'move' && change.respells);
		if (hasLeft && operation.type !== 'write') this.#spellings.release(node.parent, node.disk.name, id);
		if (isRemoval(operation)) this.#recordGone(id);
		else this.#recordPresent(operation, node, result.entry!, change, round);
		this.#recordAgreed(operation);
		const hasRules = [node, store.local.get(id)].some((side) => side?.name === RULE_FILE);
		const mayBeIgnoredNow = operation.type === 'move' && !store.rules.isEmpty;
		const displaces = operation.type === 'write' && operation.displaced;
		if (result.again || hasRules || mayBeIgnoredNow || displaces) round.look(parent);
		problems.succeeded(id);
		progress.done(id);
	}

	/**
	 * A folder that goes, and that ignored things keep here, stays with them and is no longer kept in step: for us it is
	 * gone. Should something else be in it by now, the look that follows finds a new folder.
	 */
	#orLeftBehind(operation: LocalOperation, result: PublishResult): PublishResult {
		const { store, ignored, log } = this.#context;
		const isFull = isRemoval(operation) && 'surprise' in result && result.surprise === 'ENOTEMPTY';
		if (!isFull || ignored.in(operation.id) === 0) return result;
		const { parent } = store.local.get(operation.id)!;
		ignored.found(parent, ignored.in(parent) + 1);
		log.info({ path: store.diskPath(operation.id) }, 'a folder that was to go stays, for what is ignored in it');
		return { entry: null, again: true };
	}

	/** With everything that the local tree still has in it: a folder that could be removed was empty. */
	#recordGone(id: NodeId): void {
		const { local } = this.#context.store;
		for (const child of local.children(id)) this.#recordGone(child.id);
		local.delete(id);
	}

	#recordPresent(
		operation: LocalOperation & { place: Place },
		node: LocalNode | undefined,
		entry: DiskEntry,
		change: Change,
		round: Round,
	): void {
		const { store } = this.#context;
		const { id, place } = operation;
		if (operation.type === 'write' && operation.displaced?.id) {
			const { id: other, name } = operation.displaced;
			const node = store.local.get(other);
			const spelling = basename((change as Change & { do: 'write' }).displacedTo ?? '');
			if (name === null) store.local.delete(other);
			else if (node) store.local.set({ ...node, name, disk: { ...node.disk, name: spelling } });
		}
		const made = operation.type === 'write' ? operation.version : node!.version;
		const version = change.do === 'touch' ? timedVersion(made, entry.mtime, node!.disk.mtime) : made;
		const racy = couldLookTheSame(entry) || (operation.type === 'move' && node!.disk.racy);
		store.local.set(nodeOf(id, place, entry, version, racy));
		if (racy) round.look(place.parent);
	}

	/** What came from the server and is on the disk now was agreed on, whatever happens next on either side. */
	#recordAgreed(operation: LocalOperation): void {
		const { store } = this.#context;
		const { id } = operation;
		if (isRemoval(operation)) store.synced.delete(id);
		else if (operation.type === 'write') {
			store.agree({ id, ...operation.place, version: operation.version }, 'version');
			const { displaced } = operation;
			if (!displaced?.id || displaced.aside) return;
			const other = store.local.get(displaced.id);
			if (other) store.agree(other, 'place');
			else store.synced.delete(displaced.id);
		} else if (!operation.aside) store.agree({ ...store.local.get(id)!, ...operation.place }, 'place');
	}

	/** Something is wrong with a folder above it, or with what has its place still; nothing is wrong with itself. */
	#waitsForAnother(id: NodeId, { parent, name }: Place): boolean {
		const { store, problems } = this.#context;
		const holder = store.local.child(parent, name)?.id ?? id;
		if (holder !== id && problems.isProblem(holder)) return true;
		for (let at: NodeId | undefined = parent; at !== undefined; at = store.remote.get(at)?.parent) {
			if (problems.isProblem(at)) return true;
		}
		return false;
	}

	/** For a person: where the thing is, or shall be. */
	#describe(operation: LocalOperation): string {
		const { store } = this.#context;
		if (isRemoval(operation) || store.local.get(operation.id)) return pathOf(store, operation.id);
		return this.#describePlace(operation.place);
	}

	#describePlace({ parent, name }: Place): string {
		return join(this.#context.store.diskPath(parent) ?? '', name);
	}
}

interface Step {
	readonly operation: LocalOperation;
	readonly change: Change;
}

const isNotFound = (error: unknown): boolean => error instanceof ApiError && error.code === 'not-found';

/** The times that a program would leave now: where the clock of the disk is slow, it may have written since we did. */
const couldLookTheSame = ({ kind, mtime, ctime }: DiskEntry): boolean => kind === 'file' && BigInt(mtime) === ctime;

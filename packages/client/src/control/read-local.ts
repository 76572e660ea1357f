import { join } from 'node:path';
import type { ArrivalId, BlockRef, Content, NodeId } from '@mydropbox/protocol';
import type { FramedBlock } from '@mydropbox/protocol/content';
import { sameContent, samePlace } from '@mydropbox/sync-engine';
import type { ReadFile, ReadResult } from '../fs/jobs/read.ts';
import { ctimeOf, isRacy, quietIn } from '../fs/quiet.ts';
import { nodeOf, withKnownMtime } from '../scan/entry-node.ts';
import type { LocalNode } from '../state/nodes.ts';
import { inParallel, inSlices } from '../transfer/flow.ts';
import { LargeFiles } from '../transfer/large-files.ts';
import { UploadAhead } from '../transfer/upload-ahead.ts';
import type { Clock } from './clock.ts';
import type { Context, Round } from './context.ts';
import type { DiskTime } from './disk-time.ts';
import { diskProblem } from './explain.ts';

/** A file that is written to all the time is read after this time anyway, milliseconds. */
const PATIENCE_MS = 5000;
const FILES_PER_JOB = 256;
const BYTES_PER_JOB = 8 * 1024 * 1024;
const LARGE_AT_ONCE = 2;
/** As many small files are sent while others are read; fewer are read, and then sent, at once. */
const MANY = 8;
/** What has been read can be sent; so the round ends after this time, milliseconds, if planning anew is worth it… */
const SMALL_SHARE_MS = 250;
/** …and large files are gone on with in the next one. */
const LARGE_SHARE_MS = 1000;

/** Reads, cuts and hashes the files that the scanner found changed, once they are quiet. */
export class LocalReader {
	readonly #context: Context;
	readonly #clock: Clock;
	readonly #time: DiskTime;
	readonly #waitingSince = new Map<NodeId, number>();
	readonly #large: LargeFiles;
	readonly #partBytes: number;

	/** @param partBytes a larger file is read part by part. */
	constructor(context: Context, clock: Clock, time: DiskTime, newId: () => ArrivalId, partBytes: number) {
		this.#context = context;
		this.#clock = clock;
		this.#time = time;
		this.#large = new LargeFiles(context.disk, newId, partBytes);
		this.#partBytes = partBytes;
	}

	/**
	 * @param maySend whether blocks may travel while others are being read.
	 * @returns milliseconds after which to come back for files that were not quiet; undefined when there are none.
	 */
	async read(ids: readonly NodeId[], round: Round, maySend: boolean): Promise<number | undefined> {
		const { store } = this.#context;
		const wanted = new Set(ids);
		for (const id of this.#waitingSince.keys()) if (!wanted.has(id)) this.#waitingSince.delete(id);
		this.#large.keepOnly(wanted);
		const nodes = ids.flatMap((id) => store.local.get(id) ?? []).map((node) => ({ node, size: sizeOf(node) }));
		let wait: number | undefined;
		const ready = nodes.filter(({ node }) => {
			const unquiet = this.#quietIn(node);
			if (unquiet > 0) wait = Math.min(wait ?? unquiet, unquiet);
			return unquiet === 0;
		});
		const { large = [], small = [] } = Object.groupBy(ready, ({ size }) =>
			size > this.#partBytes ? 'large' : 'small',
		);
		const until = this.#clock.now() + Math.max(SMALL_SHARE_MS, round.planWorthMs);
		const ahead = maySend && small.length >= MANY ? this.#uploadWithout([], round) : undefined;
		await inParallel(inSlices(small, FILES_PER_JOB, BYTES_PER_JOB), 4, async (slice) => {
			if (round.interrupted() || this.#clock.now() >= until) wait = 0;
			else
				await this.#readSlice(
					slice.map(({ node }) => node),
					round,
					ahead,
				);
		});
		await this.#readLarge(
			large.map(({ node }) => node),
			small.length > 0,
			round,
			maySend,
		);
		return wait;
	}

	/** @param isSomeRead there is something to send; it does not wait for all of a large file. */
	async #readLarge(nodes: readonly LocalNode[], isSomeRead: boolean, round: Round, maySend: boolean): Promise<void> {
		const { store, folder } = this.#context;
		const until = this.#clock.now() + LARGE_SHARE_MS;
		let canBeSent = isSomeRead;
		let begun = 0;
		const mayGoOn = () => !round.interrupted() && !(canBeSent && this.#clock.now() >= until);
		await inParallel(nodes, LARGE_AT_ONCE, async (node) => {
			const path = store.diskPath(node.id);
			if (path === undefined || round.halted() || (begun++ >= LARGE_AT_ONCE && !mayGoOn())) return;
			const before = this.#onServer(node);
			const ahead = maySend ? this.#uploadWithout(before?.blocks ?? [], round, node) : undefined;
			const result = await this.#large.read(node.id, join(folder, path), before, ahead, mayGoOn);
			if (!result) return;
			canBeSent = true;
			store.observe(() => this.#take(node, path, result, round));
		});
	}

	/** The server has the blocks of the version that it has, unless it has lost some: that is asked before a commit. */
	#onServer({ id }: LocalNode): Content | undefined {
		const { store } = this.#context;
		const there = store.remote.get(id)?.version;
		return there?.kind === 'file' && there.content !== null ? store.contents.get(there.content) : undefined;
	}

	/** @param file large, so that other devices are told of its blocks. */
	#uploadWithout(known: readonly BlockRef[], { signal }: Round, file?: LocalNode): UploadAhead {
		const { server, namespace, progress } = this.#context;
		const hashes = new Set(known.map(({ hash }) => hash));
		const onBytes = (count: number) => progress.bytes(count);
		const told = file && { node: file.id, parent: file.parent, name: file.name, size: sizeOf(file) };
		return new UploadAhead({ server, namespace, signal, known: hashes, onBytes, ...(told ? { file: told } : {}) });
	}

	/** Milliseconds until it may be read; 0: now. */
	#quietIn({ id, disk, version }: LocalNode): number {
		const now = this.#clock.now();
		const since = this.#waitingSince.get(id) ?? now;
		this.#waitingSince.set(id, since);
		const wait = quietIn({ ctime: ctimeOf(disk.stamp), size: sizeOf({ version }) }, this.#time.at(now));
		if (wait === 0 || now - since >= PATIENCE_MS) {
			if (wait > 0) this.#tellBusy(id);
			else this.#context.problems.calm(id);
			return 0;
		}
		return wait;
	}

	/**
	 * Written to after we last looked, and just before it was read: what was read may be half of what is being saved. What
	 * takes long to read has been quiet for so long.
	 */
	#isUnfinished({ id, disk, version }: LocalNode, { entry, readAt }: ReadFile): boolean {
		const now = this.#clock.now();
		const isPatient = now - (this.#waitingSince.get(id) ?? now) < PATIENCE_MS;
		const readBy = sizeOf({ version }) > this.#partBytes ? now : readAt;
		return isPatient && entry.stamp !== disk.stamp && quietIn(entry, this.#time.at(readBy)) > 0;
	}

	#tellBusy(id: NodeId): void {
		const { store, problems } = this.#context;
		const path = store.diskPath(id);
		if (path !== undefined) problems.busy(id, path);
	}

	/** @param ahead takes what was read; undefined: it is read again when it is sent. */
	async #readSlice(nodes: readonly LocalNode[], round: Round, ahead: UploadAhead | undefined): Promise<void> {
		const { store, disk, folder } = this.#context;
		const known = nodes.flatMap((node) => {
			const path = store.diskPath(node.id);
			return path === undefined ? [] : [{ node, path }];
		});
		const paths = known.map(({ path }) => join(folder, path));
		const room = ahead ? known.reduce((sum, { node }) => sum + sizeOf(node) + 1, 0) : 0;
		const results = await disk.run('readFiles', paths, room);
		const taken = store.observe(() =>
			known.flatMap(({ node, path }, index) => this.#take(node, path, results[index]!, round) ?? []),
		);
		await ahead?.send(taken.flatMap(blocksOf));
	}

	/** @returns what is new of it. */
	#take(node: LocalNode, path: string, result: ReadResult, round: Round): ReadFile | undefined {
		const { store, problems } = this.#context;
		// Beside us, the applier may have moved or removed it, or what it is in.
		if (!isStill(node, store.local.get(node.id))) return undefined;
		if ('error' in result) {
			problems.failed(node.id, diskProblem(path, result.error));
			return undefined;
		}
		if ('changed' in result || this.#isUnfinished(node, result)) {
			round.look(node.parent);
			problems.outrun(node.id, path);
			return undefined;
		}
		this.#waitingSince.delete(node.id);
		const { entry, content, readAt } = result;
		const racy = isRacy(entry, this.#time.at(readAt));
		const version = {
			kind: 'file',
			content: content.hash,
			size: content.size,
			mtime: entry.mtime,
			exec: entry.exec,
		} as const;
		store.contents.put(content);
		store.local.set(nodeOf(node.id, node, { ...entry, name: node.disk.name }, withKnownMtime(version, node), racy));
		if (racy) round.look(node.parent);
		problems.succeeded(node.id);
		const there = store.remote.get(node.id);
		return there && sameContent(there.version, version) ? undefined : result;
	}
}

function blocksOf({ content, bytes }: ReadFile): (BlockRef & FramedBlock)[] {
	if (!bytes) return [];
	let start = 0;
	return content.blocks.map(({ hash, size }) => {
		start += size;
		return { hash, size, bytes: bytes.subarray(start - size, start) };
	});
}

const sizeOf = ({ version }: Pick<LocalNode, 'version'>): number => (version.kind === 'file' ? version.size : 0);
const isStill = (node: LocalNode, now: LocalNode | undefined): boolean =>
	now !== undefined &&
	samePlace(now, node) &&
	now.disk.identity === node.disk.identity &&
	now.disk.stamp === node.disk.stamp;

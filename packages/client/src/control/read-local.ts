import { join } from 'node:path';
import type { NodeId } from '@mydropbox/protocol';
import { samePlace } from '@mydropbox/sync-engine';
import type { ReadResult } from '../fs/jobs/read.ts';
import { ctimeOf, quietIn } from '../fs/quiet.ts';
import { nodeOf, withKnownMtime } from '../scan/entry-node.ts';
import type { LocalNode } from '../state/nodes.ts';
import { inParallel, inSlices } from '../transfer/flow.ts';
import type { Clock } from './clock.ts';
import type { Context, Round } from './context.ts';
import { diskProblem } from './explain.ts';

/** A file that is written to all the time is read after this time anyway, milliseconds. */
const PATIENCE_MS = 5000;
const FILES_PER_JOB = 256;
const BYTES_PER_JOB = 8 * 1024 * 1024;

/** Reads, cuts and hashes the files that the scanner found changed, once they are quiet. */
export class LocalReader {
	readonly #context: Context;
	readonly #clock: Clock;
	readonly #waitingSince = new Map<NodeId, number>();

	constructor(context: Context, clock: Clock) {
		this.#context = context;
		this.#clock = clock;
	}

	/** @returns milliseconds after which to come back for files that were not quiet; undefined when there are none. */
	async read(ids: readonly NodeId[], round: Round): Promise<number | undefined> {
		const { store } = this.#context;
		const wanted = new Set(ids);
		for (const id of this.#waitingSince.keys()) if (!wanted.has(id)) this.#waitingSince.delete(id);
		const nodes = ids.flatMap((id) => store.local.get(id) ?? []).map((node) => ({ node, size: sizeOf(node) }));
		let wait: number | undefined;
		const ready = nodes.filter(({ node }) => {
			const unquiet = this.#quietIn(node);
			if (unquiet > 0) wait = Math.min(wait ?? unquiet, unquiet);
			return unquiet === 0;
		});
		await inParallel(inSlices(ready, FILES_PER_JOB, BYTES_PER_JOB), 4, async (slice) => {
			if (!round.interrupted())
				await this.#readSlice(
					slice.map(({ node }) => node),
					round,
				);
		});
		return wait;
	}

	/** Milliseconds until it may be read; 0: now. */
	#quietIn({ id, disk, version }: LocalNode): number {
		const now = this.#clock.now();
		const since = this.#waitingSince.get(id) ?? now;
		const wait = quietIn({ ctime: ctimeOf(disk.stamp), size: sizeOf({ version }) }, now);
		if (wait === 0 || now - since >= PATIENCE_MS) {
			this.#waitingSince.delete(id);
			if (wait > 0) this.#tellBusy(id);
			return 0;
		}
		this.#waitingSince.set(id, since);
		return wait;
	}

	#tellBusy(id: NodeId): void {
		const { store, problems } = this.#context;
		const path = store.diskPath(id);
		if (path !== undefined) problems.busy(id, path);
	}

	async #readSlice(nodes: readonly LocalNode[], round: Round): Promise<void> {
		const { store, disk, folder } = this.#context;
		const known = nodes.flatMap((node) => {
			const path = store.diskPath(node.id);
			return path === undefined ? [] : [{ node, path }];
		});
		const paths = known.map(({ path }) => join(folder, path));
		const results = await disk.run('readFiles', paths);
		store.transaction(() => {
			for (const [index, { node, path }] of known.entries()) this.#take(node, path, results[index]!, round);
		});
	}

	#take(node: LocalNode, path: string, result: ReadResult, round: Round): void {
		const { store, problems } = this.#context;
		// Beside us, the applier may have moved or removed it, or what it is in.
		if (!isStill(node, store.local.get(node.id))) return;
		if ('error' in result) {
			problems.failed(node.id, diskProblem(path, result.error));
			return;
		}
		if ('changed' in result) {
			round.look(node.parent);
			problems.outrun(node.id, path);
			return;
		}
		const { entry, content, racy } = result;
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
	}
}

const sizeOf = ({ version }: Pick<LocalNode, 'version'>): number => (version.kind === 'file' ? version.size : 0);
const isStill = (node: LocalNode, now: LocalNode | undefined): boolean =>
	now !== undefined &&
	samePlace(now, node) &&
	now.disk.identity === node.disk.identity &&
	now.disk.stamp === node.disk.stamp;

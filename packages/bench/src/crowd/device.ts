import { randomBytes } from 'node:crypto';
import {
	type Change,
	type Epoch,
	type Name,
	type NodeId,
	type Operation,
	type Rev,
	randomId,
} from '@mydropbox/protocol';
import { BlockSplitter, type FramedBlock } from '@mydropbox/protocol/content';
import type { Noise } from '../data.ts';
import type { SignedIn } from './account.ts';

type FileState = Extract<Change, { kind: 'file' }>;

/** As long as a daemon waits. */
const WAIT_MS = 50_000;
const SIZES = [1024, 32 * 1024] as const;
/** Of ten changes, so many are of this kind; the rest are new files. */
const [EDITS, RENAMES, DELETES] = [3, 1, 1];

/**
 * A device without a disk: it asks the server for everything that a daemon asks for, with the same requests, and keeps
 * what it hears in memory. Without the cost of a hundred daemons, which would be what is measured.
 */
export class CrowdDevice {
	readonly #self: SignedIn;
	readonly #noise: Noise;
	readonly #nodes = new Map<NodeId, Change>();
	/** Files that this device has made: nobody else touches them, so no change of it may be refused. */
	readonly #own = new Set<NodeId>();
	#epoch: Epoch | null = null;
	#rev = 0 as Rev;
	#made = 0;
	/** Changes that it has heard of. */
	heard = 0;

	constructor(self: SignedIn, noise: Noise) {
		this.#self = self;
		this.#noise = noise;
	}

	get username(): string {
		return this.#self.username;
	}

	/** What it knows is there, to be compared with what another device of the user knows. */
	tree(): string {
		const files = [...this.#nodes.values()].filter((node) => node.kind === 'file');
		return files
			.map(({ rev, id, name, content }) => `${rev} ${id} ${name} ${content}`)
			.sort()
			.join('\n');
	}

	/** Asks once. With `wait`, until something happens. @returns whether there was news. */
	async hear(wait: boolean, signal?: AbortSignal): Promise<boolean> {
		const { api, namespace } = this.#self;
		const cursors = [{ namespace, epoch: this.#epoch, rev: this.#rev }];
		const [page] = (await api.changes({ cursors, waitMs: wait ? WAIT_MS : 0 }, { signal })).namespaces;
		if (!page) return false;
		const fresh = page.changes.filter(({ id, rev }) => rev > (this.#nodes.get(id)?.rev ?? 0));
		await this.#fetch(fresh.filter((change) => change.kind === 'file'));
		for (const change of fresh) this.#nodes.set(change.id, change);
		this.heard += fresh.length;
		this.#epoch = page.epoch;
		this.#rev = page.cursor;
		if (page.more) await this.hear(false);
		return true;
	}

	/** What a daemon would then write to its disk. */
	async #fetch(files: readonly FileState[]): Promise<void> {
		if (files.length === 0) return;
		const { api, namespace } = this.#self;
		const hashes = [...new Set(files.map(({ content }) => content))];
		const { contents } = await api.contents({ namespace, hashes });
		const blocks = new Set(contents.flatMap((content) => content.blocks.map(({ hash }) => hash)));
		if (blocks.size === 0) return;
		for await (const _ of api.getBlocks({ namespace, hashes: [...blocks] }));
	}

	/** Makes a small change of some kind. @throws Error when it is refused. */
	async change(): Promise<void> {
		const { api, namespace } = this.#self;
		const operation = await this.#decide();
		const key = randomId<never>(randomBytes);
		const { results } = await api.commit({ namespace, epoch: this.#epoch!, key, operations: [operation] });
		const [result] = results;
		if (!result?.ok) throw new Error(`A ${operation.op} of ${this.#self.device} was refused: ${result?.message}`);
		this.#remember(operation, result.rev);
	}

	async #decide(): Promise<Operation> {
		const files = [...this.#own];
		const id = files[this.#noise.between(0, files.length)];
		const kind = this.#noise.between(0, 10);
		const now = id && (this.#nodes.get(id) as FileState | undefined);
		if (!now || kind >= EDITS + RENAMES + DELETES)
			return this.#put(randomId<NodeId>(randomBytes), 0 as Rev, this.#newName());
		if (kind < EDITS) return this.#put(id, now.rev, now.name);
		if (kind < EDITS + RENAMES) return { op: 'move', id, base: now.rev, parent: now.parent, name: this.#newName() };
		return { op: 'delete', id, base: now.rev };
	}

	#newName(): Name {
		return `${this.#self.device}-${++this.#made}.bin` as Name;
	}

	async #put(id: NodeId, base: Rev, name: Name): Promise<Operation> {
		const { api, namespace } = this.#self;
		const splitter = new BlockSplitter();
		const bytes = this.#noise.bytes(this.#noise.between(...SIZES));
		const blocks: FramedBlock[] = [...splitter.push(bytes), ...splitter.end()];
		const content = splitter.content();
		const { missing } = await api.missingBlocks({ namespace, hashes: blocks.map(({ hash }) => hash) });
		const wanted = blocks.filter(({ hash }) => missing.includes(hash));
		if (wanted.length > 0) await api.putBlocks(namespace, wanted);
		const version = {
			kind: 'file',
			content: content.hash,
			size: content.size,
			mtime: '1763718000123456789',
			exec: false,
		};
		return { op: 'put', id, base, parent: namespace as string, name, version, content } as Operation;
	}

	#remember(operation: Operation, rev: Rev): void {
		const { id } = operation;
		if (operation.op === 'delete') {
			this.#own.delete(id);
			this.#nodes.set(id, { id, rev, kind: 'deleted' });
			return;
		}
		this.#own.add(id);
		const before = this.#nodes.get(id) as FileState | undefined;
		const version = operation.op === 'put' ? operation.version : before;
		this.#nodes.set(id, {
			...before,
			...version,
			id,
			parent: operation.parent,
			name: operation.name,
			rev,
		} as FileState);
	}
}

import type {
	ArrivalId,
	ArrivingPart,
	BlockHash,
	ChangesResponse,
	CommitResponse,
	Content,
	FileVersion,
	Mtime,
	Name,
	NamespaceChanges,
	NodeId,
	NodeState,
	OperationResult,
} from '@mydropbox/protocol';
import {
	BLOCKS_MEDIA_TYPE,
	blockHash,
	contentOf,
	endFrame,
	type FramedBlock,
	frameHeader,
} from '@mydropbox/protocol/content';
import type { Express } from 'express';
import request, { type Test } from 'supertest';
import { type Identity, newId, type TokenWishes, tokenOf } from './token.ts';

/** What a file is made of: text, or blocks of text. */
export type Bytes = string | readonly string[];

/** A signed-in user on one device, speaking the protocol by hand. */
export class Person {
	readonly app: Express;
	readonly identity: Identity;
	readonly wishes: TokenWishes;
	readonly #token: string;

	constructor({ app }: { app: Express }, identity: Identity, wishes: TokenWishes) {
		this.app = app;
		this.identity = identity;
		this.wishes = wishes;
		this.#token = tokenOf(identity, wishes);
	}

	get namespace(): string {
		return this.identity.namespace;
	}

	/** The root folder's id. */
	get root(): string {
		return this.identity.namespace;
	}

	send(method: 'get' | 'post' | 'put' | 'head', path: string): Test {
		return request(this.app)[method](path).auth(this.#token, { type: 'bearer' });
	}

	post(path: string, body: object): Test {
		return this.send('post', path).send({ namespace: this.namespace, ...body });
	}

	async epoch(): Promise<string> {
		return (await this.page(null, 0)).epoch;
	}

	async page(epoch: string | null, rev: number, more: object = {}): Promise<NamespaceChanges> {
		const [page] = (await this.changes(epoch, rev, more)).namespaces;
		if (!page) throw new Error('no news');
		return page;
	}

	async changes(epoch: string | null, rev: number, more: object = {}): Promise<ChangesResponse> {
		const body = { cursors: [{ namespace: this.namespace, epoch, rev }], ...more };
		const answer = await this.send('post', '/v1/changes').send(body);
		if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
		return answer.body;
	}

	/** Everything that is there now. */
	async tree(): Promise<NodeState[]> {
		const nodes: NodeState[] = [];
		let page = await this.page(null, 0);
		for (;;) {
			nodes.push(...(page.changes as NodeState[]));
			if (!page.more) return nodes;
			page = await this.page(page.epoch, page.cursor);
		}
	}

	/** What is at a path, or undefined. */
	async at(path: string): Promise<NodeState | undefined> {
		const nodes = await this.tree();
		let found: NodeState | undefined;
		let parent = this.root;
		for (const name of path.split('/')) {
			found = nodes.find((node) => node.parent === parent && node.name === name);
			if (!found) return undefined;
			parent = found.id;
		}
		return found;
	}

	/** A request that puts blocks. */
	putBlocks(blocks: readonly FramedBlock[]): Test {
		const frames = blocks.flatMap(({ hash, bytes }) => [frameHeader(hash, bytes.length), bytes]);
		return this.putBody(Buffer.concat([...frames, endFrame()]));
	}

	putBody(body: Buffer): Test {
		const put = this.send('put', '/v1/blocks').query({ namespace: this.namespace });
		return put.set('Content-Type', BLOCKS_MEDIA_TYPE).send(body);
	}

	/** Uploads the blocks of a file and says what the file is. */
	async upload(bytes: Bytes): Promise<{ version: FileVersion; content: Content }> {
		const blocks = blocksOf(bytes);
		if (blocks.length > 0) await this.putBlocks(blocks).expect(200);
		return fileOf(bytes);
	}

	async commit(operations: readonly object[], more: object = {}): Promise<CommitResponse> {
		const answer = await this.commitRequest(operations, more);
		if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
		return answer.body;
	}

	async commitRequest(operations: readonly object[], more: object = {}) {
		return this.post('/v1/commit', { epoch: await this.epoch(), key: newId(), operations, ...more });
	}

	/** One operation, and what became of it. */
	async do(operation: object): Promise<OperationResult> {
		return (await this.commit([operation])).results[0] as OperationResult;
	}

	/** Tells other devices of a large file to come. @returns what they hear. */
	async announce(name: string): Promise<ArrivingPart> {
		const [node, arrival] = [newId<NodeId>(), newId<ArrivalId>()];
		const [{ hash }] = blocksOf(name) as [FramedBlock];
		const place = { node, parent: this.root as NodeId, name: name as Name };
		const part = { arrival, ...place, size: 1000, start: 0, blocks: [{ hash, size: name.length }] };
		await this.post('/v1/arrivals', part).expect(204);
		return part;
	}

	/** Makes a file; bytes are uploaded first. @returns its id. */
	async file(name: string, bytes: Bytes = name, parent = this.root): Promise<string> {
		const id = newId<string>();
		return this.#make(id, { op: 'put', id, base: 0, parent, name, ...(await this.upload(bytes)) });
	}

	async folder(name: string, parent = this.root, id = newId<string>()): Promise<string> {
		return this.#make(id, folderPut(id, parent, name));
	}

	async #make(id: string, operation: object): Promise<string> {
		const result = await this.do(operation);
		if (!result.ok) throw new Error(result.message);
		return id;
	}
}

export const folderPut = (id: string, parent: string, name: string, base = 0) => ({
	op: 'put',
	id,
	base,
	parent,
	name,
	version: { kind: 'folder' },
});

export const MTIME = '1763718000123456789' as Mtime;

export const blocksOf = (bytes: Bytes): FramedBlock[] =>
	(typeof bytes === 'string' ? [bytes] : bytes)
		.filter((text) => text !== '')
		.map((text) => ({ hash: blockHash(Buffer.from(text)), bytes: Buffer.from(text) }));

export function fileOf(bytes: Bytes): { version: FileVersion; content: Content } {
	const blocks = blocksOf(bytes).map(({ hash, bytes: { length } }) => ({ hash: hash as BlockHash, size: length }));
	const content = contentOf(blocks);
	const version = { kind: 'file', content: content.hash, size: content.size, mtime: MTIME, exec: false } as const;
	return { version, content };
}

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
	ApiError,
	type BlockHash,
	type CommitRequest,
	type Content,
	type ContentHash,
	type DeletedTreeRequest,
	type ListingRequest,
	type NodeState,
	type Operation,
	type OperationResult,
	parsePath,
	type Refusal,
	type Rev,
	type TrashRequest,
} from '@mydropbox/protocol';
import { decodeFrames, encodeFrames } from '@mydropbox/protocol/content';
import express, { type NextFunction, type Request, type Response } from 'express';

interface Tree {
	head: number;
	nodes: Map<string, NodeState>;
	/** Every state that ever began, oldest first. */
	states: NodeState[];
	/** What was deleted and is not back, latest last, with the rev of the delete. */
	deleted: { state: NodeState; rev: number }[];
}
const AT = { at: '2026-11-21T09:40:00.000Z', device: 'laptop' };

/**
 * The data-server's protocol over a tree in memory, as far as the web-server speaks it, and `GET /v1/content` of the
 * route-server too. The real ones are tested together with this server in packages/standalone.
 */
export class FakeDataServer {
	/** Access tokens that came, newest last. */
	readonly tokens: string[] = [];
	readonly blocks = new Map<BlockHash, Buffer>();
	readonly contents = new Map<ContentHash, Content>();
	quota = 5_000_000_000;
	/** Refuses every token, as with a wrong clock. */
	mistrusts = false;
	/** Called before each commit; what it does, another device did. */
	beforeCommit: (tree: Tree) => void = () => {};
	readonly #trees = new Map<string, Tree>();
	readonly #epoch = randomBytes(16).toString('hex');
	readonly #server: Server;

	constructor() {
		const app = express();
		app.use((request, reply, next) => {
			this.tokens.push(request.get('authorization')?.replace('Bearer ', '') ?? '');
			if (!this.mistrusts) return next();
			reply.status(401).json({ error: { code: 'token-expired', message: 'The token is too old.' } });
		});
		app.put('/v1/blocks', async (request, reply) => {
			for await (const { hash, bytes } of decodeFrames(request)) this.blocks.set(hash, Buffer.from(bytes));
			reply.json({ stored: 1, bytes: 1 });
		});
		app.get('/v1/content', (request, reply) => this.#content(request, reply));
		app.use(express.json({ limit: '32mb' }));
		app.post('/v1/blocks/missing', ({ body }, reply) => {
			reply.json({ missing: body.hashes.filter((hash: BlockHash) => !this.blocks.has(hash)) });
		});
		app.post('/v1/contents', ({ body }, reply) => {
			const contents = body.hashes.map((hash: ContentHash) => this.contents.get(hash));
			if (contents.includes(undefined)) throw new ApiError('not-found', 'A content is not there.');
			reply.json({ contents });
		});
		app.post('/v1/blocks/get', async ({ body }, reply) => {
			const blocks = body.hashes.map((hash: BlockHash) => ({ hash, bytes: this.blocks.get(hash)! }));
			for await (const piece of encodeFrames(blocks)) reply.write(piece);
			reply.end();
		});
		app.post('/v1/usage', ({ body }, reply) => {
			const { nodes } = this.tree(body.namespace);
			const files = [...nodes.values()].filter((node) => node.kind === 'file');
			const bytesUsed = files.reduce((sum, file) => sum + file.size, 0);
			reply.json({ bytesUsed, quota: this.quota, files: files.length });
		});
		app.post('/v1/listing', ({ body }, reply) => this.#listing(body, reply));
		app.post('/v1/versions', ({ body }, reply) => {
			const states = this.tree(body.namespace).states.filter(({ id }) => id === body.id);
			reply.json({ states: states.map((state) => ({ state, ...AT })).reverse() });
		});
		app.post('/v1/trash', ({ body }, reply) => this.#trash(body, reply));
		app.post('/v1/trash/tree', ({ body }, reply) => this.#deletedTree(body, reply));
		app.post('/v1/commit', ({ body }, reply) => {
			const tree = this.tree(body.namespace);
			this.beforeCommit(tree);
			const results = (body as CommitRequest).operations.map((operation) =>
				this.#apply(tree, body.namespace, operation),
			);
			reply.json({ head: tree.head, results });
		});
		app.use((error: ApiError, _request: Request, reply: Response, _next: NextFunction) => {
			reply.status(error.status).json({ error: { code: error.code, message: error.message } });
		});
		this.#server = createServer(app);
	}

	async start(): Promise<string> {
		this.#server.listen(0, '127.0.0.1');
		await once(this.#server, 'listening');
		return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
	}

	async stop(): Promise<void> {
		this.#server.closeAllConnections();
		this.#server.close();
		await once(this.#server, 'close');
	}

	tree(namespace: string): Tree {
		const tree = this.#trees.get(namespace) ?? { head: 0, nodes: new Map(), states: [], deleted: [] };
		this.#trees.set(namespace, tree);
		return tree;
	}

	#find(namespace: string, path: string): NodeState | null | undefined {
		let node: NodeState | null | undefined = null;
		for (const name of parsePath(path)) {
			const parent: string = node?.id ?? namespace;
			node = [...this.tree(namespace).nodes.values()].find((other) => other.parent === parent && other.name === name);
			if (!node) return undefined;
		}
		return node;
	}

	#listing({ namespace, path, offset = 0, limit = 1000 }: ListingRequest, reply: Response): void {
		const node = this.#find(namespace, path);
		if (node === undefined) throw new ApiError('not-found', 'There is nothing at this path.');
		const folder = folderIdOf(node, namespace);
		const { head, nodes } = this.tree(namespace);
		const all = [...nodes.values()]
			.filter(({ parent }) => parent === folder)
			.sort((a, b) => (a.name < b.name ? -1 : 1));
		const entries = all.slice(offset, offset + limit);
		reply.json({ epoch: this.#epoch, head, node, folder, subtreeRev: head, entries, total: all.length });
	}

	#apply(tree: Tree, namespace: string, operation: Operation): OperationResult {
		const refuse = (code: Refusal, node: NodeState | null = null): OperationResult => ({
			ok: false,
			code,
			message: code,
			node,
		});
		const node = tree.nodes.get(operation.id);
		if ((node?.rev ?? 0) !== operation.base) return refuse('stale', node);
		const rev = (tree.head + 1) as Rev;
		if (operation.op === 'delete') {
			for (const state of [...tree.nodes.values()].filter(({ parent }) => parent === operation.id))
				this.#remove(tree, state, rev);
			this.#remove(tree, node as NodeState, rev);
		} else if (operation.op === 'put' || operation.op === 'move') {
			const { id, parent, name } = operation;
			const taken = [...tree.nodes.values()].find(
				(other) => other.parent === parent && other.name === name && other.id !== id,
			);
			if (taken) return refuse('name-taken', taken);
			if (parent !== namespace && tree.nodes.get(parent)?.kind !== 'folder') return refuse('no-parent');
			if (operation.op === 'put') {
				const { content, version } = operation;
				if (content?.blocks.some(({ hash }) => !this.blocks.has(hash))) return refuse('missing-blocks');
				if (version.kind === 'file' && version.size > this.quota) return refuse('quota-exceeded');
				if (content) this.contents.set(content.hash, content);
				tree.nodes.set(id, { ...version, id, parent, name, rev });
			} else tree.nodes.set(id, { ...(node as NodeState), parent, name, rev });
			tree.states.push(tree.nodes.get(id) as NodeState);
			tree.deleted = tree.deleted.filter(({ state }) => state.id !== id);
		}
		tree.head = rev;
		return { ok: true, rev };
	}

	#remove(tree: Tree, state: NodeState, rev: number): void {
		tree.nodes.delete(state.id);
		tree.deleted.push({ state, rev });
	}

	#trash({ namespace, before = Number.POSITIVE_INFINITY, limit }: TrashRequest, reply: Response): void {
		const { deleted } = this.tree(namespace);
		const found = deleted.filter(({ state, rev }) => rev < before && this.#folder(namespace, state) !== undefined);
		const page = found.reverse().slice(0, limit);
		reply.json({ deleted: page.map((one) => ({ ...one, folder: this.#folder(namespace, one.state), ...AT })) });
	}

	#deletedTree({ namespace, id }: DeletedTreeRequest, reply: Response): void {
		const { deleted } = this.tree(namespace);
		const top = deleted.find(({ state }) => state.id === id)?.state;
		if (!top) throw new ApiError('not-found', 'It is not among what is deleted.');
		const below = deleted.map(({ state }) => state).filter(({ parent }) => parent === id);
		reply.json({ epoch: this.#epoch, folder: this.#folder(namespace, top), states: [top, ...below] });
	}

	/** Path of a folder below the root that is there. */
	#folder(namespace: string, { parent }: NodeState): string | undefined {
		if (parent === namespace) return '/';
		const folder = this.tree(namespace).nodes.get(parent);
		return folder && `/${folder.name}`;
	}

	#content({ query, method, headers }: Request, reply: Response): void {
		const found = this.#find(String(query.namespace), String(query.path));
		const { states } = this.tree(String(query.namespace));
		const isWanted = ({ id, rev }: NodeState) => id === found?.id && rev === Number(query.version);
		const node = query.version === undefined ? found : states.find(isWanted);
		if (node?.kind !== 'file') throw new ApiError('not-found', 'There is nothing at this path.');
		const content = this.contents.get(node.content)!;
		const bytes = Buffer.concat(content.blocks.map(({ hash }) => this.blocks.get(hash)!));
		reply.set({
			'accept-ranges': 'bytes',
			'content-type': 'text/html; charset=utf-8',
			'content-disposition': `${query.disposition ?? 'attachment'}; filename*=UTF-8''${encodeURIComponent(node.name)}`,
			etag: `"${content.hash}"`,
			'x-internal': 'not for browsers',
		});
		if (headers['if-none-match'] === `"${content.hash}"`) return void reply.status(304).end();
		const range = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '');
		const sent = range ? bytes.subarray(Number(range[1]), Number(range[2]) + 1) : bytes;
		if (range) reply.status(206).set('content-range', `bytes ${range[1]}-${range[2]}/${bytes.length}`);
		reply.set('content-length', String(sent.length)).end(method === 'HEAD' ? undefined : sent);
	}
}

function folderIdOf(node: NodeState | null, namespace: string): string | null {
	if (node === null) return namespace;
	return node.kind === 'folder' ? node.id : null;
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '@mydropbox/server-kit';
import type { EngineUnderTest } from '@mydropbox/testkit';
import type { Express } from 'express';
import { createDataServer, type DataContext, openStore, type Store } from '../../src/index.ts';
import { Person } from './person.ts';
import { newId, publicKey, SERVER_ID, type TokenWishes } from './token.ts';

/** A data server on an engine, with its block directory; no network but supertest's. */
export class World {
	readonly app: Express;
	readonly context: DataContext;
	readonly store: Store;
	readonly blocks: string;
	readonly stopping: AbortController;

	private constructor(store: Store, blocks: string, stopping: AbortController) {
		this.store = store;
		this.blocks = blocks;
		this.stopping = stopping;
		const { app, context } = createDataServer({
			id: SERVER_ID,
			store,
			refreshKeys: async () => {},
			log: silentLog(),
			stopping: stopping.signal,
		});
		this.app = app;
		this.context = context;
	}

	static async open(engine: EngineUnderTest): Promise<World> {
		const blocks = await mkdtemp(join(tmpdir(), 'mydropbox-data-server-'));
		const store = await openStore({ database: engine.freshUrl(), blocks });
		await store.keys.replace([publicKey]);
		return new World(store, blocks, new AbortController());
	}

	/** A user with a root namespace, on a device of this name. */
	person(name: string, wishes: TokenWishes = {}): Person {
		return new Person(this, { user: newId(), name, namespace: newId(), device: newId() }, wishes);
	}

	async close(): Promise<void> {
		this.stopping.abort();
		await this.store.close();
		await rm(this.blocks, { recursive: true, force: true });
	}
}

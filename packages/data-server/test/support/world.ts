import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataServerId } from '@mydropbox/protocol';
import { silentLog } from '@mydropbox/server-kit';
import type { EngineUnderTest } from '@mydropbox/testkit';
import type { Express } from 'express';
import { createDataServer, type DataContext, openStore, type Store } from '../../src/index.ts';
import { Person } from './person.ts';

export const SERVER_ID = 'data-test' as DataServerId;
export const newId = <Id extends string>(): Id => randomBytes(16).toString('hex') as Id;
const QUOTA = 5_000_000_000;

const signing = generateKeyPairSync('ed25519');
export const publicKey = { ...signing.publicKey.export({ format: 'jwk' }), kid: 'test-key', alg: 'EdDSA' };

export interface TokenWishes {
	audience?: string;
	rights?: 'read' | 'write';
	quota?: number;
	/** Seconds from now. */
	expiresIn?: number;
	/** Namespaces beside the person's own. */
	also?: object[];
	key?: KeyObject;
	kid?: string;
}

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

export interface Identity {
	readonly user: string;
	readonly name: string;
	readonly namespace: string;
	readonly device: string;
}

export function tokenOf({ user, name, namespace, device }: Identity, wishes: TokenWishes = {}): string {
	const { audience = SERVER_ID, rights = 'write', quota = QUOTA, expiresIn = 900, also = [] } = wishes;
	const now = Math.floor(Date.now() / 1000);
	const claims = {
		iss: 'mydropbox',
		sub: user,
		aud: audience,
		device,
		deviceName: `${name}'s laptop`,
		namespaces: [{ id: namespace, owner: user, ownerName: name, quota, rights }, ...also],
		iat: now,
		exp: now + expiresIn,
	};
	const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
	const signed = `${encode({ alg: 'EdDSA', kid: wishes.kid ?? 'test-key' })}.${encode(claims)}`;
	return `${signed}.${sign(null, Buffer.from(signed), wishes.key ?? signing.privateKey).toString('base64url')}`;
}

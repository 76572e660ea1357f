import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Central, openCentral, recordHeartbeat } from '@mydropbox/central';
import type { DataServerId } from '@mydropbox/protocol';
import { RouteApi } from '@mydropbox/remote';
import { silentLog } from '@mydropbox/server-kit';
import type { Express } from 'express';
import request from 'supertest';
import { Addresses, createWebServer } from '../../src/index.ts';
import { FakeDataServer } from './fake-data-server.ts';

export const PASSWORD = 'correct horse battery';

/** A web-server with a central database and one data server, whose clock stands still. */
export interface World {
	readonly app: Express;
	readonly central: Central;
	readonly data: FakeDataServer;
	/** Folder of the built website. */
	readonly portal: string;
	/** Signs up and in; the answer is what a script sends. */
	signIn(username: string): Promise<{ authorization: string }>;
	close(): Promise<void>;
}

export async function createWorld(databaseUrl: string, capacity = 1e15): Promise<World> {
	// However long a test takes, the data server has just said that it lives.
	const now = Date.now();
	const central = await openCentral({ url: databaseUrl, now: () => now });
	const data = new FakeDataServer();
	const origin = new URL(await data.start());
	await recordHeartbeat(central, {
		id: 'data1' as DataServerId,
		maxCapacity: capacity,
		ipAddr: origin.hostname,
		listeningPort: Number(origin.port),
		publicUrl: null,
		available: true,
	});
	const portal = mkdtempSync(join(tmpdir(), 'mydropbox-portal-'));
	const context = {
		central,
		route: new RouteApi(origin.origin),
		addresses: new Addresses({ routeUrl: 'http://127.0.0.1:8081' }),
	};
	const app = createWebServer(context, portal, {
		log: silentLog(),
		stopping: new AbortController().signal,
		trustProxy: 'loopback',
	});
	return {
		app,
		central,
		data,
		portal,
		signIn: async (username) => {
			await request(app).post('/api/v1/users').send(account(username)).expect(201);
			const { body } = await request(app).post('/api/v1/session').send({ username, password: PASSWORD }).expect(201);
			return { authorization: `Bearer ${body.token}` };
		},
		close: async () => {
			await data.stop().catch(() => {});
			await central.close();
			rmSync(portal, { recursive: true, force: true });
		},
	};
}

export const account = (username: string) => ({ username, email: `${username}@example.org`, password: PASSWORD });

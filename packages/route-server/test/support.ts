import { openCentral } from '@mydropbox/central';
import { silentLog } from '@mydropbox/server-kit';
import type { EngineUnderTest } from '@mydropbox/testkit';
import type { Express } from 'express';
import request from 'supertest';
import { createRouteServer } from '../src/index.ts';

export const QUOTA = 1000;
export const CLUSTER_SECRET = 'a-secret-of-the-tests';

/** A route-server on a database of its own, on a clock that moves only when told. */
export interface Fixture {
	app: Express;
	advance(seconds: number): void;
	/** A heartbeat of a data server with room for so many users. */
	beat(id: string, users: number, more?: object): request.Test;
	signUp(username: string): request.Test;
	signIn(username: string): request.Test;
	/** Signed up and in: the grant of a user whose device is called "laptop". */
	grant(username: string): Promise<{ token: string; namespaces: { id: string }[] }>;
	close(): Promise<void>;
}

export async function routeServer(engine: EngineUnderTest, more: { publicUrl?: string } = {}): Promise<Fixture> {
	let time = Date.parse('2026-11-20T12:00:00Z');
	const central = await openCentral({ url: engine.freshUrl(), quota: QUOTA, now: () => time });
	const context = { central, clusterSecret: CLUSTER_SECRET, publicUrl: more.publicUrl ?? null, webUrl: null };
	const options = { log: silentLog(), stopping: new AbortController().signal, trustProxy: 1 };
	const app = createRouteServer(context, options);
	const password = (username: string) => `password of ${username.toLowerCase()}`;
	const fixture: Fixture = {
		app,
		advance: (seconds) => {
			time += seconds * 1000;
		},
		beat: (id, users, change = {}) =>
			request(app)
				.post('/v1/data-servers/heartbeat')
				.auth(CLUSTER_SECRET, { type: 'bearer' })
				.send({ ...heartbeatOf(id, users), ...change }),
		signUp: (username) =>
			request(app)
				.post('/v1/users')
				.send({ username, email: `${username}@example.org`, password: password(username) }),
		signIn: (username) =>
			request(app)
				.post('/v1/devices')
				.send({ username, password: password(username), device: 'laptop' }),
		grant: async (username) => {
			await fixture.signUp(username).expect(201);
			const { body } = await fixture.signIn(username).expect(201);
			const answer = await request(app).post('/v1/tokens').auth(body.refreshToken, { type: 'bearer' }).expect(200);
			return answer.body.grants[0];
		},
		close: central.close,
	};
	return fixture;
}

export const heartbeatOf = (id: string, users: number) => ({
	id,
	maxCapacity: users * QUOTA,
	ipAddr: '127.0.0.1',
	listeningPort: 8082,
	publicUrl: null,
	available: true,
});

import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HeartbeatRequest } from '@mydropbox/protocol';
import { silentLog } from '@mydropbox/server-kit';
import { SigningKeys } from '../src/auth/signing-keys.ts';
import { lockDirectory } from '../src/blocks/directory-lock.ts';
import { Heartbeat } from '../src/cluster/heartbeat.ts';
import { publicKey, SERVER_ID } from './support/token.ts';

let folder: string;
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'mydropbox-cluster-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the heartbeat', () => {
	const SECRET = 'a secret of the tests';
	let routeServer: Server;
	let heard: HeartbeatRequest[];
	let keys: SigningKeys;
	beforeEach(async () => {
		heard = [];
		keys = await SigningKeys.load(join(folder, 'keys.json'));
		routeServer = createServer(async (request, reply) => {
			const isOurs = request.headers.authorization === `Bearer ${SECRET}`;
			const body = Buffer.concat(await request.toArray());
			if (isOurs) heard.push(HeartbeatRequest.parse(JSON.parse(body.toString())));
			reply.statusCode = isOurs ? 200 : 403;
			const refusal = { error: { code: 'forbidden', message: 'This is not the cluster secret.' } };
			reply.end(JSON.stringify(isOurs ? { keys: [publicKey], interval: 1 } : refusal));
		});
		await new Promise<void>((resolve) => routeServer.listen(0, '127.0.0.1', resolve));
	});
	afterEach(() => {
		routeServer.close();
		routeServer.closeAllConnections();
	});

	const heartbeat = (clusterSecret = SECRET) =>
		new Heartbeat({
			routeUrl: `http://127.0.0.1:${(routeServer.address() as AddressInfo).port}`,
			clusterSecret,
			announcement: { id: SERVER_ID, maxCapacity: 5, ipAddr: '127.0.0.1', listeningPort: 8082, publicUrl: null },
			keys,
			log: silentLog(),
		});

	test('announces the server, brings the keys, and says goodbye', async () => {
		const stopping = new AbortController();
		const running = heartbeat().run(stopping.signal);
		while (keys.all.length === 0) await new Promise((resolve) => setImmediate(resolve));
		expect(keys.all).toEqual([publicKey]);
		stopping.abort();
		await running;
		const said = { id: SERVER_ID, maxCapacity: 5, ipAddr: '127.0.0.1', listeningPort: 8082, publicUrl: null };
		expect(heard).toEqual([
			{ ...said, available: true },
			{ ...said, available: false },
		]);
	});

	test('a refusal is told, and nothing else happens', async () => {
		await expect(heartbeat('another secret').beat()).rejects.toThrow('not the cluster secret');
		expect(keys.all).toEqual([]);
	});

	test('a route-server that is away stops nothing', async () => {
		const away = heartbeat();
		await new Promise((resolve) => routeServer.close(resolve));
		await expect(away.beat()).rejects.toThrow();
		const stopping = new AbortController();
		const running = away.run(stopping.signal);
		stopping.abort();
		await running;
	});
});

test('a directory has one server at a time', async () => {
	const lock = await lockDirectory(folder, 'blocks');
	await expect(lockDirectory(folder, 'blocks')).rejects.toThrow(/in use by another data server/);
	lock.release();
	(await lockDirectory(folder, 'blocks')).release();
});

test('a directory that cannot be made is named, with the setting that it comes from', async () => {
	await expect(lockDirectory('/dev/null/blocks', 'blocks')).rejects.toThrow(
		/\/dev\/null\/blocks cannot be written to .*--blocks/,
	);
});

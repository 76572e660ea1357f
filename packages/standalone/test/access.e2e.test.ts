import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeEachEngine } from '@mydropbox/testkit';
import { cleanUp } from './support/cleanup.ts';
import { ATTEMPTS, type Attempt, guardedEndpoints, isForm, type Server } from './support/every-request.ts';
import { processes } from './support/processes.ts';
import { type Product, startProduct } from './support/product.ts';
import { type SyncingPerson, signUpWithFile } from './support/syncing-person.ts';

const QUOTA = 5_000_000_000;
const SECRET = 'what ann wrote for nobody else';

/** Which of a person's tokens is good at which server. */
const RIGHT_TOKEN: Record<string, 'token' | 'refreshToken' | 'accessToken'> = {
	web: 'token',
	'route post /v1/tokens': 'refreshToken',
	'route delete /v1/devices/self': 'refreshToken',
	'route get /v1/content': 'accessToken',
	data: 'accessToken',
};

describeEachEngine('a user’s token', (engine) => {
	let product: Product;
	let ann: SyncingPerson;
	/** On ann's data server. */
	let bob: SyncingPerson;
	/** On the other one. */
	let eve: SyncingPerson;

	beforeAll(async () => {
		const database = engine.name === 'mysql' ? { database: engine.freshUrl() } : {};
		product = await startProduct({ dataServers: 2, capacity: 2 * QUOTA, ...database });
		ann = await signUpWithFile(product, 'ann', SECRET);
		bob = await signUpWithFile(product, 'bob', 'bob');
		eve = await signUpWithFile(product, 'eve', 'eve');
	}, 60_000);
	afterAll(cleanUp, 60_000);

	it('is tried at every endpoint that there is', () => {
		expect([ann, bob, eve].map(({ dataServer }) => dataServer)).toEqual(['data1', 'data1', 'data2']);
		const tried = Object.entries(ATTEMPTS).map(([server, attempts]) => [server, Object.keys(attempts).sort()]);
		expect(Object.fromEntries(tried)).toEqual(guardedEndpoints());
	});

	it('opens nothing of another user, at any of the three servers', async () => {
		const secrets = [SECRET, ann.user, ann.device, ann.namespace, ann.file.id];
		for (const thief of [bob, eve]) {
			for (const [server, name, attempt] of everyAttempt(ann)) {
				for (const kind of ['token', 'refreshToken', 'accessToken'] as const) {
					// Signing out for good is for the last test.
					const isRight = (RIGHT_TOKEN[`${server} ${name}`] ?? RIGHT_TOKEN[server]) === kind;
					if (isRight && /^delete .*(session|self)$/.test(name)) continue;
					for (const origin of originsOf(server)) {
						const answer = await send(origin, name, attempt, thief[kind]);
						const where = `${thief.username}'s ${kind} at ${origin} ${name}`;
						const text = await answer.text();
						for (const secret of secrets)
							expect({ where, text }).not.toEqual({ where, text: expect.stringContaining(secret) });
						if (isRight && attempt.ownAnswer) expect([where, answer.status]).toEqual([where, attempt.ownAnswer]);
						else expect({ where, refused: [401, 403, 404].includes(answer.status) }).toEqual({ where, refused: true });
					}
				}
			}
		}
		expect(await filesOf(ann)).toEqual([['ann.txt', SECRET]]);
	}, 120_000);

	it('commits neither another user’s blocks nor below their folders', async () => {
		const { epoch, namespace, accessToken, dataUrl } = bob;
		const version = {
			kind: 'file',
			content: ann.file.content.hash,
			size: ann.file.content.size,
			mtime: '0',
			exec: false,
		};
		const put = { op: 'put', id: '1'.repeat(32), base: 0, parent: namespace, name: 'stolen', version };
		const operations = [
			{ ...put, content: ann.file.content },
			put,
			{ op: 'put', id: '2'.repeat(32), base: 0, parent: ann.namespace, name: 'x', version: { kind: 'folder' } },
			{ op: 'move', id: ann.file.id, base: ann.file.rev, parent: namespace, name: 'stolen' },
			{ op: 'delete', id: ann.namespace, base: 0, below: ann.file.rev },
		];
		const codes: unknown[] = [];
		for (const [index, operation] of operations.entries()) {
			const body = { namespace, epoch, key: `${index}`.repeat(32), operations: [operation] };
			const answer = await send(dataUrl, 'post /v1/commit', { body }, accessToken);
			const { results } = (await answer.json()) as { results: { code: string; node: unknown }[] };
			codes.push(results[0]?.code, results[0]?.node);
		}
		expect(codes).toEqual(
			['missing-blocks', 'unknown-content', 'no-parent', 'stale', 'stale'].flatMap((code) => [code, null]),
		);
		expect(await filesOf(ann)).toEqual([['ann.txt', SECRET]]);
		expect(await filesOf(bob)).toEqual([
			['bob.txt', 'bob'],
			['file.txt', 'x'],
		]);
	});

	it('is good for nothing any more when its owner has signed out', async () => {
		await expectStatus(204, product.routeUrl, 'delete /v1/devices/self', bob.refreshToken);
		await expectStatus(401, product.routeUrl, 'post /v1/tokens', bob.refreshToken);
		await expectStatus(204, product.site, 'delete /api/v1/session', bob.token);
		await expectStatus(401, product.site, 'get /api/v1/me', bob.token);
		await expectStatus(200, product.site, 'get /api/v1/me', ann.token);
		await expectStatus(200, product.routeUrl, 'post /v1/tokens', ann.refreshToken);
	});

	it('is written down nowhere that others read: not in a log, not on a command line', () => {
		const logs = join(product.data, 'logs');
		const seen = readdirSync(logs).map((name) => readFileSync(join(logs, name), 'utf8'));
		seen.push(product.program.stdout, product.program.stderr);
		for (const { command } of processes()) if (command.includes('packages/')) seen.push(command);
		const { clusterSecret } = JSON.parse(readFileSync(join(product.data, 'installation.json'), 'utf8'));
		for (const { token, refreshToken, accessToken, password, file } of [ann, bob, eve]) {
			const found = [token, refreshToken, accessToken, password, file.name, clusterSecret].filter((secret) =>
				seen.some((text) => text.includes(secret)),
			);
			expect(found).toEqual([]);
		}
	});

	const originsOf = (server: Server): string[] =>
		({ web: [product.site], route: [product.routeUrl], data: [product.dataUrl(1), product.dataUrl(2)] })[server];

	async function expectStatus(status: number, origin: string, name: string, token: string): Promise<void> {
		expect([name, (await send(origin, name, {}, token)).status]).toEqual([name, status]);
	}

	async function filesOf({ token }: SyncingPerson): Promise<[string, string][]> {
		const listing = await send(product.site, 'get /api/v1/files', {}, token);
		const { entries } = (await listing.json()) as { entries: { name: string; kind: string }[] };
		const files = entries.filter(({ kind }) => kind === 'file');
		return Promise.all(
			files.map(async ({ name }): Promise<[string, string]> => {
				const query = { path: `/${name}` };
				return [name, await (await send(product.site, 'get /api/v1/files/content', { query }, token)).text()];
			}),
		);
	}
});

function* everyAttempt(victim: SyncingPerson): Generator<[Server, string, Attempt]> {
	for (const [server, attempts] of Object.entries(ATTEMPTS)) {
		for (const [name, attempt] of Object.entries(attempts)) yield [server as Server, name, attempt(victim)];
	}
}

/** @param name method and path, as "get /v1/content". */
function send(origin: string, name: string, { query, body }: Attempt, token: string): Promise<Response> {
	const [method, path] = name.split(' ') as [string, string];
	const form = new FormData();
	form.append('file', new Blob(['x']), 'file.txt');
	return fetch(`${origin}${path}?${new URLSearchParams(query)}`, {
		method: method.toUpperCase(),
		headers: {
			authorization: `Bearer ${token}`,
			...(body && !isForm(body) && { 'content-type': 'application/json' }),
		},
		...(body && { body: isForm(body) ? form : JSON.stringify(body) }),
	});
}

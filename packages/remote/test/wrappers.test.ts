import { ApiError, type TokenGrant } from '@mydropbox/protocol';
import type { FramedBlock } from '@mydropbox/protocol/content';
import { Grants, ServerUnreachable, SignedOut, type SyncServer, withFreshToken, withRetry } from '../src/index.ts';
import { block, collect, grant, NAMESPACE } from './support/values.ts';

const blocks = [block('one'), block('two'), block('three')];
const hashes = blocks.map(({ hash }) => hash);
const down = new ServerUnreachable('http://data', Object.assign(new Error('x'), { code: 'ECONNREFUSED' }));
const missing = (server: SyncServer, signal?: AbortSignal) =>
	server.missingBlocks({ namespace: NAMESPACE, hashes }, { signal });

/** A server whose calls go, one after the other, as the script says: an error to throw, or 'ok'. */
function scripted(...script: (Error | 'ok')[]): { server: SyncServer; calls: () => number } {
	let calls = 0;
	const next = async <T>(result: T): Promise<T> => {
		const step = script[calls++] ?? 'ok';
		if (step !== 'ok') throw step;
		return result;
	};
	const server = {
		missingBlocks: () => next({ missing: [] }),
		putBlocks: () => next({ stored: 1, bytes: 1 }),
	} as unknown as SyncServer;
	return { server, calls: () => calls };
}

describe('withRetry', () => {
	const pauses: number[] = [];
	const options = { random: () => 1, sleep: async (ms: number) => void pauses.push(ms) };
	beforeEach(() => {
		pauses.length = 0;
	});

	test('gets over outages, with growing pauses', async () => {
		const { server, calls } = scripted(down, new ApiError('not-ready', 'starting'), 'ok');
		await expect(missing(withRetry(server, options))).resolves.toEqual({ missing: [] });
		expect(calls()).toBe(3);
		expect(pauses).toEqual([500, 1000]);
	});

	test('gives up after its attempts, with the last failure', async () => {
		const { server, calls } = scripted(down, down, down, 'ok');
		await expect(missing(withRetry(server, options))).rejects.toBe(down);
		expect(calls()).toBe(3);
	});

	test('does not repeat what was refused', async () => {
		const { server, calls } = scripted(new ApiError('quota-exceeded', 'full'));
		await expect(missing(withRetry(server, options))).rejects.toMatchObject({ code: 'quota-exceeded' });
		expect(calls()).toBe(1);
	});

	test('waits as long as the server asked, unless that is too long', async () => {
		const busy = (retryAfter: number) => new ApiError('too-many-requests', 'slow down', { retryAfter });
		await missing(withRetry(scripted(busy(3)).server, options));
		expect(pauses).toEqual([3000]);
		await expect(missing(withRetry(scripted(busy(600)).server, options))).rejects.toMatchObject({ retryAfter: 600 });
	});

	test('sends an array of blocks again, a stream never', async () => {
		const array = scripted(down, 'ok');
		await withRetry(array.server, options).putBlocks(NAMESPACE, blocks);
		expect(array.calls()).toBe(2);
		const stream = scripted(down, 'ok');
		await expect(withRetry(stream.server, options).putBlocks(NAMESPACE, streamOf(blocks))).rejects.toBe(down);
		expect(stream.calls()).toBe(1);
	});

	test('goes on with the blocks that have not arrived', async () => {
		const asked: number[] = [];
		const server = {
			async *getBlocks({ hashes: wanted }: { hashes: string[] }) {
				asked.push(wanted.length);
				yield blocks.find(({ hash }) => hash === wanted[0])!;
				if (wanted.length > 1) throw down;
			},
		} as unknown as SyncServer;
		expect(await collect(withRetry(server, options).getBlocks({ namespace: NAMESPACE, hashes }))).toEqual(blocks);
		expect(asked).toEqual([3, 2, 1]);
	});

	test('stops when the signal fires while it waits', async () => {
		const stop = new AbortController();
		const { server, calls } = scripted(down, 'ok');
		const result = missing(withRetry(server, { random: () => 1, pauseMs: 60_000 }), stop.signal);
		stop.abort(new Error('enough'));
		await expect(result).rejects.toThrow('enough');
		expect(calls()).toBe(1);
	});
});

describe('withFreshToken', () => {
	const expired = new ApiError('token-expired', 'old');

	function world(...script: (Error | 'ok')[]) {
		let now = 0;
		let issued = 0;
		const { server } = scripted(...script);
		const used: string[] = [];
		const route = { tokens: async () => ({ grants: [grant('http://data', `t${++issued}`, 900)] }) };
		const open = ({ token }: TokenGrant) => {
			used.push(token);
			return server;
		};
		const grants = new Grants(route, 'refresh', () => now);
		return {
			server: withFreshToken(grants, open),
			used,
			pass: (ms: number) => {
				now += ms;
			},
		};
	}

	test('uses one token until shortly before it expires', async () => {
		const { server, used, pass } = world();
		await Promise.all([missing(server), missing(server)]);
		pass(839_000);
		await missing(server);
		pass(2_000);
		await missing(server);
		expect(used).toEqual(['t1', 't1', 't1', 't2']);
	});

	test('replaces a refused token and repeats the call, once', async () => {
		const { server, used } = world(expired, 'ok', expired, expired);
		await missing(server);
		expect(used).toEqual(['t1', 't2']);
		await expect(missing(server)).rejects.toBe(expired);
		expect(used).toEqual(['t1', 't2', 't2', 't3']);
	});

	test('asks where the data server is after an outage', async () => {
		const { server, used } = world(down);
		await expect(missing(server)).rejects.toBe(down);
		await missing(server);
		expect(used).toEqual(['t1', 't2']);
	});

	test('does without the route-server as long as the token is good', async () => {
		let now = 0;
		const route = {
			tokens: async () => (now === 0 ? { grants: [grant('http://data', 't', 900)] } : Promise.reject(down)),
		};
		const { server: dataServer } = scripted('ok', down);
		const server = withFreshToken(new Grants(route, 'refresh', () => now), () => dataServer);
		await missing(server);
		now = 890_000;
		await expect(missing(server)).rejects.toBe(down);
		await expect(missing(server)).resolves.toEqual({ missing: [] });
		now = 901_000;
		await expect(missing(server)).rejects.toBe(down);
	});

	test('says that the device was signed out', async () => {
		const route = { tokens: () => Promise.reject(new ApiError('not-signed-in', 'revoked')) };
		const server = withFreshToken(new Grants(route, 'refresh'), () => scripted().server);
		await expect(missing(server)).rejects.toBeInstanceOf(SignedOut);
	});

	test('asks again after the route-server could not be reached', async () => {
		let tries = 0;
		const route = {
			tokens: async () => {
				if (tries++ === 0) throw down;
				return { grants: [grant('http://data', 't')] };
			},
		};
		const server = withFreshToken(new Grants(route, 'refresh'), () => scripted().server);
		await expect(missing(server)).rejects.toBe(down);
		await expect(missing(server)).resolves.toEqual({ missing: [] });
	});

	test('one caller that gives up does not spoil it for the others', async () => {
		let deliver!: (value: { grants: TokenGrant[] }) => void;
		const route = {
			tokens: () =>
				new Promise<{ grants: TokenGrant[] }>((resolve) => {
					deliver = resolve;
				}),
		};
		const server = withFreshToken(new Grants(route, 'refresh'), () => scripted().server);
		const stop = new AbortController();
		const impatient = missing(server, stop.signal);
		const patient = missing(server);
		stop.abort(new Error('enough'));
		await expect(impatient).rejects.toThrow('enough');
		deliver({ grants: [grant('http://data', 't')] });
		await expect(patient).resolves.toEqual({ missing: [] });
	});
});

async function* streamOf(items: FramedBlock[]) {
	yield* items;
}

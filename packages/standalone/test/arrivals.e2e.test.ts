import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import {
	type ArrivalId,
	type IdempotencyKey,
	type Mtime,
	type Name,
	type NodeId,
	type Rev,
	randomId,
	rootOf,
} from '@mydropbox/protocol';
import { BlockSplitter, type FramedBlock } from '@mydropbox/protocol/content';
import { DataApi, RouteApi } from '@mydropbox/remote';
import { cleanUp } from './support/cleanup.ts';
import { type Device, startDevice } from './support/device.ts';
import { type Person, type Product, startProduct } from './support/product.ts';
import { until } from './support/until.ts';

afterEach(cleanUp, 60_000);

const SIZE = 12_000_000;

/** A device that brings a large file, step by step. */
async function sender({ routeUrl }: Product, { username, password }: Person) {
	const route = new RouteApi(routeUrl);
	const { refreshToken } = await route.signIn({ username, password, device: 'laptop' });
	const { grants } = await route.tokens(refreshToken);
	const { url, token, namespaces } = grants[0]!;
	return { api: new DataApi(url, { token }), namespace: namespaces[0]!.id };
}

const arriving = async (device: Device) =>
	(await readdir(device.path('.mydropbox', 'tmp'))).filter((name) => name.startsWith('arriving-'));

it('a large file is on the other device before it is committed, and travels once', async () => {
	const product = await startProduct();
	const person = await product.signUp('ada');
	const desk = await startDevice('desk', product, person);
	await desk.upToDate();
	const before = (await desk.status()).bytesReceived;
	const { api, namespace } = await sender(product, person);

	const film = randomBytes(SIZE);
	const splitter = new BlockSplitter();
	const blocks: FramedBlock[] = [...splitter.push(film), ...splitter.end()].map(({ hash, bytes }) => ({
		hash,
		bytes: bytes.slice(),
	}));
	const content = splitter.content();
	const place = { parent: rootOf(namespace), name: 'film.bin' as Name };
	const node = randomId<NodeId>(randomBytes);
	const arrival = randomId<ArrivalId>(randomBytes);
	let start = 0;
	for (const block of blocks) {
		await api.putBlocks(namespace, [block]);
		const part = { start, blocks: [{ hash: block.hash, size: block.bytes.length }] };
		await api.announce({ namespace, arrival, node, ...place, size: SIZE, ...part });
		start += block.bytes.length;
	}
	await until('all of it is there', async () => (await desk.status()).bytesReceived - before >= SIZE);
	await until('all of it is on the disk', async () => {
		const [name] = await arriving(desk);
		return name && (await readFile(desk.path('.mydropbox', 'tmp', name))).equals(film);
	});
	expect(await readdir(desk.folder)).toEqual(['.mydropbox']);

	const { namespaces } = await api.changes({ cursors: [{ namespace, epoch: null, rev: 0 as Rev }] });
	const key = randomId<IdempotencyKey>(randomBytes);
	const version = { kind: 'file', content: content.hash, size: SIZE, mtime: '0' as Mtime, exec: false } as const;
	const put = { op: 'put', id: node, base: 0 as Rev, ...place, version, content } as const;
	const { epoch } = namespaces[0]!;
	const { results } = await api.commit({ namespace, epoch, key, operations: [put] });
	expect(results).toMatchObject([{ ok: true }]);
	await desk.upToDate();
	expect((await readFile(desk.path('film.bin'))).equals(film)).toBe(true);
	expect((await desk.status()).bytesReceived - before).toBe(SIZE);
	expect(await arriving(desk)).toEqual([]);
}, 60_000);

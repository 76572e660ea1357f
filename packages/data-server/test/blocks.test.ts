import { open, readdir, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContentHash, UserId } from '@mydropbox/protocol';
import { LIMITS } from '@mydropbox/protocol';
import {
	blockHash,
	decodeFrames,
	endFrame,
	FRAME_HEADER_BYTES,
	type FramedBlock,
	frameHeader,
} from '@mydropbox/protocol/content';
import { silentLog } from '@mydropbox/server-kit';
import { describeEachEngine } from '@mydropbox/testkit';
import { rebuildIndex, scrub } from '../src/index.ts';
import { blocksOf, fileOf, type Person } from './support/person.ts';
import { World } from './support/world.ts';

describeEachEngine('blocks', (engine) => {
	let world: World;
	let ann: Person;
	beforeAll(async () => {
		world = await World.open(engine);
	});
	beforeEach(() => {
		ann = world.person('ann');
	});
	afterAll(() => world.close());

	const get = async (person: Person, hashes: string[], verify = true): Promise<FramedBlock[]> => {
		const answer = await person.post('/v1/blocks/get', { hashes, verify }).buffer().parse(binary).expect(200);
		const blocks: FramedBlock[] = [];
		const body = (async function* () {
			yield answer.body as Buffer;
		})();
		for await (const block of decodeFrames(body)) blocks.push({ ...block, bytes: Buffer.from(block.bytes) });
		return blocks;
	};
	const segmentsOf = async (person: Person): Promise<string[]> => {
		const folder = join(world.blocks, person.identity.user);
		return (await readdir(folder)).map((name) => join(folder, name));
	};

	test('missing, put, no longer missing, got back in the order asked for', async () => {
		const blocks = blocksOf(['one', 'two', 'three', 'four']);
		const hashes = blocks.map(({ hash }) => hash);
		const missing = async (person: Person) =>
			(await person.post('/v1/blocks/missing', { hashes: [...hashes, hashes[0]] }).expect(200)).body.missing;
		expect(await missing(ann)).toEqual(hashes);
		expect((await ann.putBlocks(blocks.slice(0, 3)).expect(200)).body).toEqual({ stored: 3, bytes: 11 });
		expect(await missing(ann)).toEqual([hashes[3]]);
		expect((await ann.putBlocks(blocks).expect(200)).body).toEqual({ stored: 1, bytes: 4 });
		expect((await ann.putBlocks(blocks).expect(200)).body).toEqual({ stored: 0, bytes: 0 });
		expect(await segmentsOf(ann)).toHaveLength(2);
		expect(await get(ann, hashes.toReversed())).toEqual(blocks.toReversed());
		expect(await get(ann, [hashes[1] as string, hashes[1] as string])).toEqual([blocks[1]]);
		expect(await missing(world.person('bob'))).toEqual(hashes);
	});

	test('an empty body stores nothing; a block sent twice is stored once', async () => {
		expect((await ann.putBlocks([]).expect(200)).body).toEqual({ stored: 0, bytes: 0 });
		const [block] = blocksOf('twice') as [FramedBlock];
		expect((await ann.putBlocks([block, block]).expect(200)).body).toEqual({ stored: 1, bytes: 5 });
	});

	test('a thousand small blocks and a few large ones', async () => {
		const texts = Array.from({ length: 1000 }, (_, n) => `block ${n} of ${ann.namespace}`);
		texts.push(...['a', 'b', 'c'].map((letter) => letter.repeat(3_000_000)));
		const blocks = blocksOf(texts);
		await ann.putBlocks(blocks).expect(200);
		const hashes = blocks.map(({ hash }) => hash);
		expect((await get(ann, hashes)).map(({ hash }) => hash)).toEqual(hashes);
	});

	test('the same block from many at once', async () => {
		const blocks = blocksOf(['shared by all', 'this one too']);
		const answers = await Promise.all(Array.from({ length: 8 }, () => ann.putBlocks(blocks)));
		expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
		expect(
			await get(
				ann,
				blocks.map(({ hash }) => hash),
			),
		).toEqual(blocks);
	});

	test('one that is not there refuses the whole request', async () => {
		const [here, gone] = blocksOf(['here', 'nowhere']) as [FramedBlock, FramedBlock];
		await ann.putBlocks([here]).expect(200);
		const answer = await ann.post('/v1/blocks/get', { hashes: [here.hash, gone.hash] }).expect(404);
		expect(answer.body.error).toMatchObject({ code: 'not-found', message: expect.stringContaining(gone.hash) });
	});

	describe('a bad body is refused, and none of it counts:', () => {
		const good = blocksOf('a good block')[0] as FramedBlock;
		const frame = ({ hash, bytes }: FramedBlock) => Buffer.concat([frameHeader(hash, bytes.length), bytes]);
		const header = (length: number) => frameHeader(blockHash(Buffer.from('x')), length);
		const wrong = { hash: blockHash(Buffer.from('x')), bytes: Buffer.from('y') };
		test.each<[string, string, Buffer]>([
			['a wrong hash', 'bad-block', Buffer.concat([frame(good), frame(wrong), endFrame()])],
			['no end', 'truncated-body', frame(good)],
			['half a block', 'truncated-body', Buffer.concat([frame(good), header(10), Buffer.from('12345')])],
			['half a header', 'truncated-body', Buffer.concat([frame(good), header(10).subarray(0, 20)])],
			['no bytes at all', 'truncated-body', Buffer.alloc(0)],
			['more after the end', 'bad-block', Buffer.concat([frame(good), endFrame(), Buffer.from('!')])],
			['a length beyond the limit', 'bad-block', Buffer.concat([frame(good), header(LIMITS.blockBytes + 1)])],
			['an empty block', 'bad-block', Buffer.concat([frame(good), header(0)])],
		])('%s', async (_what, code, body) => {
			const answer = await ann.putBody(body);
			expect([answer.status, answer.body.error?.code]).toEqual([400, code]);
			const left = await ann.post('/v1/blocks/missing', { hashes: [good.hash] }).expect(200);
			expect(left.body.missing).toEqual([good.hash]);
			expect(await segmentsOf(ann).catch(() => [])).toEqual([]);
		});

		test('another type, or too much', async () => {
			const put = () => ann.send('put', '/v1/blocks').query({ namespace: ann.namespace });
			expect((await put().type('application/json').send('{}').expect(415)).body.error.code).toBe('unsupported-type');
			const huge = await ann.putBody(Buffer.alloc(LIMITS.putBlocksBytes + 1)).catch(() => undefined);
			if (huge) expect([huge.status, huge.body.error.code]).toEqual([413, 'too-large']);
			await ann.send('put', '/v1/blocks').expect(400);
		});

		test('too much without saying so', async () => {
			const blocks = Array.from({ length: 9 }, (_, n) => Buffer.alloc(LIMITS.blockBytes, n));
			const body = blocks.map((bytes) => frame({ hash: blockHash(bytes), bytes }));
			const piecewise = (async function* () {
				yield* body;
			})();
			const put = world.context.blocks.put(ann.identity.user as UserId, piecewise);
			await expect(put).rejects.toMatchObject({ code: 'too-large' });
			expect(await segmentsOf(ann)).toEqual([]);
		});
	});

	describe('when the disk lies', () => {
		const [one, two, three] = blocksOf(['first block', 'second block', 'third block']) as [
			FramedBlock,
			FramedBlock,
			FramedBlock,
		];
		let segment: string;
		beforeEach(async () => {
			await ann.putBlocks([one, two, three]).expect(200);
			[segment] = (await segmentsOf(ann)) as [string];
		});
		/** Turns one bit in the middle of the second block. */
		const damage = async () => {
			const file = await open(segment, 'r+');
			const { size } = await file.stat();
			const bytes = Buffer.alloc(size);
			await file.read(bytes, 0, size, 0);
			const at = bytes.indexOf('second block') + 3;
			await file.write(Buffer.from([(bytes[at] as number) ^ 1]), 0, 1, at);
			await file.close();
		};
		const missing = async () =>
			(await ann.post('/v1/blocks/missing', { hashes: [one.hash, two.hash, three.hash] }).expect(200)).body.missing;

		test('wrong bytes never leave: the error says so, and the block can be uploaded again', async () => {
			await damage();
			expect(await get(ann, [one.hash])).toEqual([one]);
			const answer = await ann.post('/v1/blocks/get', { hashes: [two.hash] }).expect(500);
			expect(answer.headers['cache-control']).toBe('no-store');
			expect(answer.body.error.message).toMatch(/damaged/);
			await expect(get(ann, [one.hash, two.hash, three.hash])).rejects.toThrow();
			expect(await missing()).toEqual([two.hash]);
			await ann.putBlocks([one, two]).expect(200);
			expect(await get(ann, [one.hash, two.hash, three.hash])).toEqual([one, two, three]);
		});

		test('S17: whoever checks by himself gets what is there, and has it looked at when it is wrong', async () => {
			await damage();
			const unverified = await ann.post('/v1/blocks/get', { hashes: [two.hash], verify: false }).expect(200);
			expect(unverified.headers['content-length']).toBe(String(36 + two.bytes.length + 36));
			await expect(get(ann, [two.hash], false)).rejects.toMatchObject({ code: 'bad-block' });
			expect(await missing()).toEqual([]);
			await ann.post('/v1/blocks/get', { hashes: [two.hash], verify: true }).expect(500);
			expect(await missing()).toEqual([two.hash]);
			await ann.putBlocks([two]).expect(200);
			expect(await get(ann, [two.hash], false)).toEqual([two]);
		});

		test('headers go out as they should be, whatever the disk says, and nothing that was not asked for does', async () => {
			const file = await open(segment, 'r+');
			const bytes = await file.readFile();
			const starts = [one, two].map((block) => bytes.indexOf(block.bytes) - FRAME_HEADER_BYTES);
			const wrong = Buffer.alloc(FRAME_HEADER_BYTES, 7);
			for (const start of starts) await file.write(wrong, 0, wrong.length, start);
			for (const order of [[one, two, three], [one, three], [three, two, one], [two]]) {
				const hashes = order.map(({ hash }) => hash);
				expect(await get(ann, hashes)).toEqual(order);
			}
			// The tests after this one count what is wrong.
			for (const start of starts) await file.write(bytes, start, wrong.length, start);
			await file.close();
		});

		test('scrub finds it before anybody asks', async () => {
			await damage();
			expect(await scrub(world.context.db, world.store.storage, silentLog())).toMatchObject({ damagedBlocks: 1 });
			expect(await missing()).toEqual([two.hash]);
			await ann.putBlocks([two]).expect(200);
			expect(await scrub(world.context.db, world.store.storage, silentLog())).toMatchObject({ damagedBlocks: 0 });
		});

		test('a segment that lost its end still gives its beginning', async () => {
			await truncate(segment, (await stat(segment)).size - 40);
			expect(await get(ann, [one.hash, two.hash])).toEqual([one, two]);
			await ann.post('/v1/blocks/get', { hashes: [three.hash] }).expect(500);
			expect(await missing()).toEqual([three.hash]);
		});

		const inspect = () => scrub(world.context.db, world.store.storage, silentLog());
		const repaired = async () => {
			await ann.putBlocks([one, two, three]).expect(200);
			expect(await get(ann, [one.hash, two.hash, three.hash])).toEqual([one, two, three]);
			await inspect();
			expect(await missing()).toEqual([]);
		};
		/** The row of the index for the second block shows the place of the first. */
		const misplace = async () => {
			const owner = Buffer.from(ann.identity.user, 'hex');
			const rowOf = ({ hash }: FramedBlock) => ['BlockHash', '=', Buffer.from(hash, 'hex')] as const;
			const { db } = world.context;
			const { ByteOffset, ByteLength } = await db
				.selectFrom('Blocks')
				.selectAll()
				.where('Owner', '=', owner)
				.where(...rowOf(one))
				.executeTakeFirstOrThrow();
			await db
				.updateTable('Blocks')
				.set({ ByteOffset, ByteLength })
				.where('Owner', '=', owner)
				.where(...rowOf(two))
				.execute();
		};
		/** The bytes of two blocks of one length. */
		const exchange = async () => {
			const file = await open(segment, 'r+');
			const bytes = Buffer.alloc((await file.stat()).size);
			await file.read(bytes, 0, bytes.length, 0);
			const [first, third] = [bytes.indexOf(one.bytes), bytes.indexOf(three.bytes)];
			await file.write(three.bytes, 0, three.bytes.length, first);
			await file.write(one.bytes, 0, one.bytes.length, third);
			await file.close();
		};

		test("a reader notices a row of the index that shows another block's bytes", async () => {
			await misplace();
			await ann.post('/v1/blocks/get', { hashes: [two.hash] }).expect(500);
			expect(await get(ann, [one.hash, three.hash])).toEqual([one, three]);
			expect(await missing()).toEqual([two.hash]);
			await repaired();
		});

		test('so does scrub', async () => {
			await misplace();
			await inspect();
			expect(await missing()).toEqual([two.hash]);
			await repaired();
		});

		test('a reader notices two blocks that have changed places on the disk', async () => {
			await exchange();
			await ann.post('/v1/blocks/get', { hashes: [one.hash] }).expect(500);
			await ann.post('/v1/blocks/get', { hashes: [three.hash] }).expect(500);
			expect(await get(ann, [two.hash])).toEqual([two]);
			await repaired();
		});

		test('and so does scrub', async () => {
			await exchange();
			await inspect();
			expect((await missing()).sort()).toEqual([one.hash, three.hash].sort());
			await repaired();
		});

		test('scrub notices what a segment has lost at its end', async () => {
			await truncate(segment, (await stat(segment)).size - 40);
			await inspect();
			expect(await missing()).toEqual([three.hash]);
			await repaired();
		});

		test('the index is made again from the segments alone', async () => {
			await damage();
			await world.context.db.deleteFrom('Blocks').execute();
			await world.context.db.deleteFrom('Segments').execute();
			expect(await missing()).toHaveLength(3);
			await rebuildIndex(world.context.db, world.store.storage, silentLog());
			expect(await missing()).toEqual([two.hash]);
			expect(await get(ann, [three.hash, one.hash])).toEqual([three, one]);
			await ann.putBlocks([two]).expect(200);
			await rebuildIndex(world.context.db, world.store.storage, silentLog());
			expect(await missing()).toEqual([]);
		});
	});

	test('block lists come back as they were committed, to whoever may read the namespace', async () => {
		const file = ['one', 'two', 'one'];
		await ann.file('a', file);
		const { content } = fileOf(file);
		const ask = (person: Person, hash: ContentHash) => person.post('/v1/contents', { hashes: [hash, hash] });
		expect((await ask(ann, content.hash).expect(200)).body).toEqual({ contents: [content, content] });
		expect((await ask(world.person('bob'), content.hash).expect(404)).body.error.code).toBe('not-found');
	});
});

const binary = (source: unknown, done: (error: Error | null, body: Buffer) => void): void => {
	const stream = source as NodeJS.ReadableStream;
	const pieces: Buffer[] = [];
	stream.on('data', (piece: Buffer) => pieces.push(piece));
	stream.on('end', () => done(null, Buffer.concat(pieces)));
	stream.on('error', (error) => done(error, Buffer.alloc(0)));
};

import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import request from 'supertest';
import { fromBufferPromise } from 'yauzl';
import { createWorld, type World } from './support/world.ts';

const directory = mkdtempSync(join(tmpdir(), 'mydropbox-archive-'));
let world: World;
let ada: { authorization: string };
let users = 0;
beforeAll(async () => {
	world = await createWorld(`sqlite:${join(directory, 'central.sqlite')}`);
});
beforeEach(async () => {
	ada = await world.signIn(`ada${++users}`);
});
afterAll(async () => {
	await world.close();
	rmSync(directory, { recursive: true });
});

const upload = (path: string, name: string, bytes: string | Buffer) =>
	request(world.app)
		.post('/api/v1/files')
		.query({ path, mtime: '2026-11-21T09:40:01.500Z' })
		.set(ada)
		.attach('file', Buffer.from(bytes), name)
		.expect(201);
const makeFolder = (path: string) => request(world.app).post('/api/v1/folders').set(ada).send({ path }).expect(201);
const archive = (path: string, only?: string) =>
	request(world.app)
		.get('/api/v1/folders/archive')
		.query({ path, only })
		.set(ada)
		.buffer(true)
		.parse((response, done) => {
			const pieces: Buffer[] = [];
			response.on('data', (piece: Buffer) => pieces.push(piece));
			response.on('end', () => done(null, Buffer.concat(pieces)));
		});

interface Unpacked {
	readonly mode: string;
	readonly mtime: string;
	readonly bytes: Buffer;
}
async function unpacked(path: string, only?: string): Promise<Record<string, Unpacked>> {
	const { body } = await archive(path, only).expect(200);
	const zip = await fromBufferPromise(body, { strictFileNames: true });
	const found: Record<string, Unpacked> = {};
	for await (const entry of zip.eachEntry()) {
		const bytes = entry.fileName.endsWith('/') ? Buffer.alloc(0) : await buffer(await zip.openReadStreamPromise(entry));
		const mode = (entry.externalFileAttributes >>> 16).toString(8);
		found[entry.fileName] = { mode, mtime: entry.getLastModDate().toISOString(), bytes };
	}
	return found;
}

describe('a folder as a ZIP file', () => {
	test('has all that is in it, of any size and name, and empty folders', async () => {
		const large = randomBytes(9_000_000);
		for (const path of ['/Fotos 日本', '/Fotos 日本/in', '/Fotos 日本/in/empty', '/other']) await makeFolder(path);
		await upload('/Fotos 日本', 'large.bin', large);
		await upload('/Fotos 日本/in', 'a:b.txt', 'text');
		await upload('/Fotos 日本/in', 'none', '');
		await upload('/other', 'not this', 'x');
		const found = await unpacked('/Fotos 日本');
		expect(Object.keys(found).sort()).toEqual([
			'Fotos 日本/',
			'Fotos 日本/in/a:b.txt',
			'Fotos 日本/in/empty/',
			'Fotos 日本/in/none',
			'Fotos 日本/large.bin',
		]);
		expect(found['Fotos 日本/large.bin']!.bytes.equals(large)).toBe(true);
		expect(found['Fotos 日本/in/a:b.txt']).toEqual({
			mode: '100644',
			mtime: '2026-11-21T09:40:01.000Z',
			bytes: Buffer.from('text'),
		});
	});

	test('has only what was asked for, with all that is in it, of what is still there', async () => {
		await makeFolder('/box');
		await makeFolder('/box/in');
		await upload('/box/in', 'same', '1');
		for (const name of ['same', 'other', 'third']) await upload('/box', name, name);
		const { body } = await request(world.app).get('/api/v1/files').query({ path: '/box' }).set(ada).expect(200);
		const idOf = new Map<string, string>(body.entries.map(({ name, id }: Record<'name' | 'id', string>) => [name, id]));
		const only = [idOf.get('in'), idOf.get('other'), '0'.repeat(32)].join(',');
		expect(Object.keys(await unpacked('/box', only)).sort()).toEqual(['box/', 'box/in/same', 'box/other']);
		await archive('/box', 'other').expect(400);
	});

	test('keeps links, programs, and names that ZIP files cannot have; times before 1970 become that', async () => {
		await makeFolder('/tools');
		world.data.beforeCommit = ({ nodes }) => {
			const [folder] = [...nodes.values()].filter(({ name }) => name === 'tools');
			const common = { parent: folder!.id, rev: 99, mtime: '-1000000000' };
			const link = { ...common, id: 'f'.repeat(32), name: 'link\\to', kind: 'symlink', target: '../elsewhere' };
			nodes.set(link.id, link as never);
		};
		await upload('/tools', 'run.sh', '#!/bin/sh');
		world.data.beforeCommit = ({ nodes, states }) => {
			const program = [...nodes.values()].find(({ name }) => name === 'run.sh');
			Object.assign(program!, { exec: true });
			Object.assign(states.at(-1)!, { exec: true });
		};
		await upload('/tools', 'second', '2');
		world.data.beforeCommit = () => {};
		const found = await unpacked('/tools');
		expect(found['tools/run.sh']).toMatchObject({ mode: '100755' });
		expect(found['tools/link＼to']).toEqual({
			mode: '120777',
			mtime: '1970-01-01T00:00:00.000Z',
			bytes: Buffer.from('../elsewhere'),
		});
	});

	test('is named after the folder, and the root after the product; a look at its head makes none', async () => {
		await makeFolder('/Pläne');
		await upload('/Pläne', 'a', '1');
		const answer = await archive('/Pläne').expect(200);
		expect(answer.headers).toMatchObject({
			'content-type': 'application/zip',
			'content-disposition': expect.stringContaining("filename*=UTF-8''Pl%C3%A4ne.zip"),
			'cache-control': 'no-store',
		});
		expect(Object.keys(await unpacked('/'))).toEqual(['myDropbox/', 'myDropbox/Pläne/a']);
		const before = world.data.tokens.length;
		await request(world.app).head('/api/v1/folders/archive').query({ path: '/' }).set(ada).expect(200);
		expect(world.data.tokens.length).toBe(before + 1);
	});

	test('may be called anything that a folder may', async () => {
		for (const name of ['two\nlines', '"quoted"; x=y', 'c:', '..x', '👩‍💻', ' ']) {
			await makeFolder(`/${name}`);
			await upload(`/${name}`, 'a', '1');
			const { headers } = await archive(`/${name}`).expect(200);
			expect(headers['content-disposition']).toMatch(/^attachment; filename=.*\.zip/);
			expect(Object.keys(await unpacked('/'))).toContain(`myDropbox/${name}/a`);
		}
		expect(Object.keys(await unpacked('/c:'))).toEqual(['c：/', 'c：/a']);
	});

	test('of what is no folder, is not there, or is somebody else’s, there is none', async () => {
		await upload('/', 'file', 'x');
		const refused = await archive('/file').expect(404);
		expect(JSON.parse(String(refused.body)).error.message).toContain('is not a folder');
		await archive('/nowhere').expect(404);
		await request(world.app).get('/api/v1/folders/archive').expect(401);
	});

	test('that cannot be made whole breaks off, and nothing stays open', async () => {
		await makeFolder('/box');
		await upload('/box', 'a', 'first');
		await upload('/box', 'b', 'second');
		const kept = new Map(world.data.contents);
		const last = [...kept.keys()].at(-1)!;
		world.data.contents.delete(last);
		await expect(archive('/box')).rejects.toThrow('aborted');
		world.data.contents.set(last, kept.get(last)!);
		expect(Object.keys(await unpacked('/box'))).toHaveLength(3);
	});
});

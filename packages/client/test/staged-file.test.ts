import * as fs from 'node:fs';
import { blockHash, contentOf } from '@mydropbox/protocol/content';
import { nodeFs } from '../src/fs/node-fs.ts';
import { WorkerDisk } from '../src/fs/worker-disk.ts';
import { StagedFile } from '../src/transfer/staged-file.ts';
import { directDisk } from './support/direct-disk.ts';
import { TestFolder } from './support/folder.ts';
import { failing, hookedFs } from './support/hooked-fs.ts';

const TEXTS = ['one ', 'and two ', 'and three'];
const content = contentOf(TEXTS.map((text) => ({ hash: blockHash(Buffer.from(text)), size: text.length })));

let at: TestFolder;
let reads: number;
beforeEach(() => {
	at = new TestFolder();
	reads = 0;
});
afterEach(() => at.remove());

const disk = directDisk(
	hookedFs(nodeFs, {
		before: ({ name }) => {
			if (name === 'openRead') reads++;
		},
	}),
);
const stage = () => StagedFile.of(content, disk, at.tempDir);
const textsLeft = ({ left, bytesLeft }: StagedFile) => {
	expect(bytesLeft).toBe(left.reduce((sum, { size }) => sum + size, 0));
	return left.map(({ start, size }) => TEXTS.join('').slice(start, start + size));
};
const arrived = (file: StagedFile) =>
	file.left.map((piece) => ({
		...piece,
		bytes: Uint8Array.from(Buffer.from(TEXTS.join('')).subarray(piece.start, piece.start + piece.size)),
	}));

test('what this process has written is not read again, as often as it goes on', async () => {
	const file = stage();
	for (const rest of [TEXTS, TEXTS.slice(1), TEXTS.slice(2), []]) {
		await file.open();
		expect(textsLeft(file)).toEqual(rest);
		await file.write(arrived(file).slice(0, 1));
	}
	expect(reads).toBe(0);
	expect(fs.readFileSync(file.path, 'utf8')).toBe(TEXTS.join(''));
});

test('what another process has left is verified, block by block', async () => {
	const before = stage();
	await before.open();
	await before.write(arrived(before));
	const bytes = fs.readFileSync(before.path);
	fs.writeFileSync(before.path, bytes.fill(0, 6, 8));
	const file = stage();
	await file.open();
	expect(textsLeft(file)).toEqual(['and two ']);
	expect(reads).toBe(3);
});

test.each(['another file is there', 'it is gone', 'it is somebody’s file by now'])(
	'%s: it begins anew',
	async (what) => {
		const file = stage();
		await file.open();
		await file.write(arrived(file).slice(0, 2));
		if (what === 'it is somebody’s file by now') fs.linkSync(file.path, at.path('theirs'));
		else fs.unlinkSync(file.path);
		if (what === 'another file is there') fs.writeFileSync(file.path, 'nothing of it');
		await file.open();
		expect(textsLeft(file)).toEqual(TEXTS);
		if (what === 'it is somebody’s file by now')
			expect(fs.readFileSync(at.path('theirs'), 'utf8')).toBe('one and two ');
	},
);

test('what was written when the disk failed is verified', async () => {
	let isBroken = false;
	const breaking = directDisk({
		...nodeFs,
		syncFile: (file) => {
			if (!isBroken) return nodeFs.syncFile(file);
			fs.ftruncateSync(file, 0);
			throw Object.assign(new Error('the disk fails'), { code: 'EIO' });
		},
	});
	const file = StagedFile.of(content, breaking, at.tempDir);
	await file.open();
	const pieces = arrived(file);
	for (const piece of pieces) await file.write([piece]);
	isBroken = true;
	// The fourth is synced.
	await expect(file.write([{ ...pieces[0]!, bytes: Uint8Array.from(Buffer.from(TEXTS[0]!)) }])).rejects.toMatchObject({
		code: 'EIO',
	});
	await file.open();
	expect(textsLeft(file)).toEqual(TEXTS);
});

test('pieces are copied side by side, and what is not what it was is left', async () => {
	const threads = new WorkerDisk(2);
	try {
		fs.writeFileSync(at.path('source'), `before ${TEXTS[0]}${TEXTS[1]?.toUpperCase()}${TEXTS[2]}`);
		const file = StagedFile.of(content, threads, at.tempDir);
		await file.open();
		const from = { path: at.path('source') };
		const pieces = file.left.map((piece) => ({ ...piece, from: { ...from, start: 'before '.length + piece.start } }));
		await Promise.all(pieces.map((piece) => file.write([piece])));
		expect(textsLeft(file)).toEqual([TEXTS[1]]);
		await file.write(arrived(file));
		expect(fs.readFileSync(file.path, 'utf8')).toBe(TEXTS.join(''));
	} finally {
		await threads.close();
	}
});

test('when the disk fails under one of two, what the other has written is verified, too', async () => {
	const failsOnce = failing(nodeFs, 'write', 'EIO', ([, , position]) => position === 0);
	const file = StagedFile.of(content, directDisk(failsOnce), at.tempDir);
	await file.open();
	const [first, ...others] = arrived(file);
	const results = await Promise.allSettled([file.write([first!]), file.write(others)]);
	expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
	fs.truncateSync(file.path, 0);
	await file.open();
	expect(textsLeft(file)).toEqual(TEXTS);
});

test('where there is no room for the rest, it gives up', async () => {
	const full = directDisk({ ...nodeFs, freeBytes: () => content.size - 1 });
	const file = StagedFile.of(content, full, at.tempDir);
	await expect(file.open()).rejects.toMatchObject({ code: 'ENOSPC' });
	expect(at.temporary()).toEqual([]);
});

describe('a file of which not all is known yet', () => {
	const piecesOfAll = () => arrived(StagedFile.of(content, disk, at.tempDir));
	const arriving = async (...known: number[]) => {
		const file = new StagedFile(disk, at.path('arriving-1'), content.size);
		await file.open();
		for (const index of known) {
			const piece = piecesOfAll()[index]!;
			file.expect([piece]);
			await file.write([piece]);
		}
		return file;
	};

	test('what has come stays when it is known what it is to be; another process finds it, too', async () => {
		const file = await arriving(0, 2);
		expect(file.fits(content)).toBe(true);
		expect(await file.become(content, at.tempDir)).toBe(true);
		expect(at.temporary()).toEqual([`get-${content.hash}`]);
		await file.open();
		expect(textsLeft(file)).toEqual([TEXTS[1]]);
		expect(reads).toBe(0);
		const next = stage();
		await next.open();
		expect(textsLeft(next)).toEqual([TEXTS[1]]);
		await file.write(arrived(file));
		expect(fs.readFileSync(file.path, 'utf8')).toBe(TEXTS.join(''));
	});

	test('it is no content of another size, nor one of which a piece is another, nor any before something is known of it', async () => {
		const [first, second, third] = content.blocks;
		const file = await arriving(0, 2);
		expect(file.fits({ ...content, size: content.size + 1 })).toBe(false);
		expect(file.fits({ ...content, blocks: [first!, second!, { ...third!, hash: first!.hash }] })).toBe(false);
		expect(file.fits({ ...content, blocks: [first!, { ...second!, hash: first!.hash }, third!] })).toBe(true);
		expect((await arriving()).fits(content)).toBe(false);
	});

	test('nor one that it overlaps with', async () => {
		const file = await arriving(0);
		file.expect([{ hash: content.blocks[1]!.hash, start: 2, size: content.blocks[1]!.size }]);
		expect(file.fits(content)).toBe(false);
	});

	test('where it cannot have its name, it is not taken', async () => {
		const refusing = directDisk(failing(nodeFs, 'rename', 'EACCES', () => true));
		const file = new StagedFile(refusing, at.path('arriving-1'), content.size);
		await file.open();
		expect(await file.become(content, at.tempDir)).toBe(false);
	});

	test('it tells when another file is in its place', async () => {
		const file = await arriving(0);
		expect(await file.isIntact()).toBe(true);
		fs.renameSync(file.path, at.path('elsewhere'));
		expect(await file.isIntact()).toBe(false);
		fs.writeFileSync(file.path, 'another');
		expect(await file.isIntact()).toBe(false);
	});

	test('a piece that is told twice counts once', async () => {
		const file = await arriving(0, 0);
		expect(file.bytesLeft).toBe(content.size - TEXTS[0]!.length);
	});
});

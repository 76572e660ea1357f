import * as fs from 'node:fs';
import { join } from 'node:path';
import type { Name } from '@mydropbox/protocol';
import { nodeFs } from '../../src/fs/node-fs.ts';
import type { Fs } from '../../src/fs/port.ts';
import { DiskNames } from '../../src/names/disk-names.ts';
import { ANY_NAME, type DiskTraits, probeTraits } from '../../src/names/traits.ts';
import { TestFolder } from '../support/folder.ts';
import { failing } from '../support/hooked-fs.ts';
import { restrictedFs } from '../support/restricted-fs.ts';

// S15

let at: TestFolder;
beforeEach(() => {
	at = new TestFolder();
});
afterEach(() => at.remove());

const DISKS: Record<string, DiskTraits> = {
	'takes any name': ANY_NAME,
	'is like NTFS': { ...ANY_NAME, caseInsensitive: true, windowsNames: true },
	'is like HFS+': { ...ANY_NAME, caseInsensitive: true, normalising: true },
	'is like eCryptfs': { ...ANY_NAME, nameBytes: 143 },
};

test.each(Object.entries(DISKS))('a disk that %s is found to be so, and nothing of the trial stays', (_, traits) => {
	expect(probeTraits(restrictedFs(at.dir, traits), at.tempDir)).toEqual(traits);
	expect(at.temporary()).toEqual([]);
});

test('this disk takes any name', () => {
	expect(probeTraits(nodeFs, at.tempDir)).toEqual(ANY_NAME);
});

test.each(['ENOSPC', 'EIO', 'EROFS'])('a disk that says %s has said nothing about names', (code) => {
	const isQuestion = ([path]: readonly unknown[]) => String(path).endsWith('?');
	const disk = failing(nodeFs, 'openWrite', code, isQuestion);
	expect(() => probeTraits(disk, at.tempDir)).toThrow(code);
	expect(at.temporary()).toEqual([]);
});

const privateDir = () => join(at.folder, '.mydropbox');
function namesOn(disk: Fs): DiskNames {
	const names = new DiskNames(disk, privateDir(), at.tempDir);
	names.learn();
	return names;
}
const LONG = `${'long '.repeat(49)}.txt` as Name;
const short = () => restrictedFs(at.dir, { ...ANY_NAME, nameBytes: 143 });
const free = () => false;

test('a name that is too long for the disk is known again without any database, there and on another disk', () => {
	const spelling = namesOn(short()).spell(LONG, free);
	expect(Buffer.byteLength(spelling)).toBeLessThanOrEqual(143);
	expect(namesOn(short()).nameOf(spelling)).toBe(LONG);
	expect(namesOn(nodeFs).nameOf(spelling)).toBe(LONG);
});

test('what a power cut left of a long name is not believed', () => {
	const spelling = namesOn(short()).spell(LONG, free);
	const [file] = fs.readdirSync(join(privateDir(), 'names'));
	fs.writeFileSync(join(privateDir(), 'names', file!), 'long');
	const names = namesOn(short());
	expect(names.nameOf(spelling)).toBe(spelling);
	expect(names.spell(LONG, free)).toBe(spelling);
	expect(namesOn(short()).nameOf(spelling)).toBe(LONG);
});

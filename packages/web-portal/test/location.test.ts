import { childPath, LinkToken } from '@mydropbox/protocol/web';
import fc from 'fast-check';
import { folderAddress, folderOf, linkAddress, nextAddress, sharedAddress, sharedPath } from '../src/location.ts';

const name = fc
	.string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
	.filter((text) => text.isWellFormed() && !/[/\0]/.test(text) && !/^\.\.?$/.test(text));

test('every folder has an address that leads back to it', () => {
	fc.assert(
		fc.property(fc.array(name, { maxLength: 5 }), (names) => {
			const path = names.reduce(childPath, '/');
			// As the browser's address bar makes it.
			const { pathname } = new URL(folderAddress(path), 'http://localhost');
			expect(folderOf(pathname)).toBe(path);
		}),
	);
});

test('every folder in what a link leads to has an address that leads back to it, with the token where nobody else reads it', () => {
	const token = LinkToken.parse('-_'.padEnd(43, 'a'));
	expect(linkAddress('http://localhost', token)).toBe(`http://localhost/s#${token}`);
	expect(sharedAddress(token, '/a/b').search).toBe('?path=/a/b');
	fc.assert(
		fc.property(fc.array(name, { maxLength: 5 }), (names) => {
			const path = names.reduce(childPath, '/');
			const { pathname, search, hash } = sharedAddress(token, path);
			const url = new URL(pathname + search + hash, 'http://localhost');
			expect(sharedPath(url.search)).toBe(path);
			expect([url.pathname, url.hash]).toEqual(['/s', `#${token}`]);
		}),
	);
});

test('an address that somebody typed wrong is still an address', () => {
	expect(folderOf('/files/100%')).toBe('/100%');
	expect(folderOf('/files//a///b/')).toBe('/a/b');
	expect(folderOf('/files')).toBe('/');
	expect(sharedPath('?path=a//b/')).toBe('/a/b');
	expect(sharedPath('?path')).toBe('/');
});

test('after signing in one stays on this site', () => {
	expect(nextAddress('?next=%2Ffiles%2Fa')).toBe('/files/a');
	for (const search of [
		'',
		'?next=https://evil.example',
		'?next=//evil.example',
		'?next=/%5Cevil.example',
		'?next=javascript:1',
	]) {
		expect(nextAddress(search)).toBe('/files');
	}
});

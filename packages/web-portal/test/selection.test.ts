import { chosen, dropped } from '../src/uploads/selection.ts';

const fileAt = (path: string): File =>
	Object.defineProperty(new File(['x'], path.split('/').at(-1)!), 'webkitRelativePath', {
		value: path.includes('/') ? path : '',
	});
const where = ({ files }: { files: readonly { folder: string; file: File }[] }) =>
	files.map(({ folder, file }) => `${folder} ${file.name}`);

test('chosen files go into the folder that is open', () => {
	const selection = chosen([fileAt('a.txt'), fileAt('b.txt')], '/Photos');
	expect(selection.folders).toEqual([]);
	expect(where(selection)).toEqual(['/Photos a.txt', '/Photos b.txt']);
});

test('a chosen folder keeps its shape, parents before children', () => {
	const selection = chosen([fileAt('trip/2026/a.jpg'), fileAt('trip/b.jpg')], '/');
	expect(selection.folders).toEqual(['/trip', '/trip/2026']);
	expect(where(selection)).toEqual(['/trip/2026 a.jpg', '/trip b.jpg']);
});

test('a dropped folder keeps its shape too, with empty folders, however many entries it has', async () => {
	const many = Array.from({ length: 250 }, (_, index) => fileEntry(`${index}.txt`));
	const tree = folderEntry('trip', [folderEntry('empty', []), folderEntry('many', many)]);
	const selection = await dropped(transfer([tree, fileEntry('a.txt')]), '/Photos');
	expect(selection.folders).toEqual(['/Photos/trip', '/Photos/trip/empty', '/Photos/trip/many']);
	expect(selection.files).toHaveLength(251);
	expect(where(selection).at(-1)).toBe('/Photos a.txt');
});

const transfer = (entries: object[]): DataTransfer =>
	({ items: entries.map((entry) => ({ kind: 'file', webkitGetAsEntry: () => entry })) }) as unknown as DataTransfer;
const fileEntry = (name: string) => ({
	name,
	isDirectory: false,
	file: (done: (file: File) => void) => done(new File(['x'], name)),
});
/** Hands out a hundred entries at a time, as Chromium does. */
const folderEntry = (name: string, entries: object[]) => ({
	name,
	isDirectory: true,
	createReader: () => {
		const rest = [...entries];
		return { readEntries: (done: (some: object[]) => void) => done(rest.splice(0, 100)) };
	},
});

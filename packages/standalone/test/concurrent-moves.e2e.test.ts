import { mkdir, rename, writeFile } from 'node:fs/promises';
import { cleanUp } from './support/cleanup.ts';
import { Crew } from './support/crew.ts';
import { startProduct } from './support/product.ts';
import { contentIn, type Tree, treeOf } from './support/tree-of.ts';

const MINUTES = 60_000;

const files = (tree: Tree): string[] => [...tree].flatMap(([path, what]) => (contentIn(what) ? path : [])).sort();
const folders = (tree: Tree): string[] => [...tree].flatMap(([path, what]) => (what === 'folder' ? path : []));

describe('S5 P6: when two devices that do not hear of each other move folders', () => {
	let crew: Crew;
	/** A folder of its own for each test. */
	let at: string;
	let tests = 0;

	beforeAll(async () => {
		const product = await startProduct();
		crew = await Crew.open(product, await product.signUp('ada'), ['laptop', 'desk']);
	}, MINUTES);
	afterAll(cleanUp, MINUTES);
	beforeEach(() => {
		at = `test ${++tests}`;
	});

	/** Files with their folders, on both devices. */
	async function begin(...paths: string[]): Promise<void> {
		const [laptop] = crew.devices;
		for (const path of paths) {
			await mkdir(laptop!.path(at, path, '..'), { recursive: true });
			await writeFile(laptop!.path(at, path), `this is ${path}`);
		}
		await crew.settle();
	}

	/** Each device does its part while none of them is connected. @returns what both show when all is quiet again. */
	async function meanwhile(onLaptop: [string, string], onDesk: [string, string]): Promise<Tree> {
		const [laptop, desk] = crew.devices;
		for (const device of crew.devices) await device.pause();
		await rename(laptop!.path(at, onLaptop[0]), laptop!.path(at, onLaptop[1]));
		await rename(desk!.path(at, onDesk[0]), desk!.path(at, onDesk[1]));
		await crew.settle();
		const [tree, other] = await Promise.all(crew.devices.map((device) => treeOf(device.path(at))));
		expect(other).toEqual(tree);
		return tree!;
	}

	it(
		'the same one to two places, one place wins, and nothing is there twice',
		async () => {
			await begin('box/inside', 'box/deep/below', 'left/l', 'right/r');
			const tree = await meanwhile(['box', 'left/box'], ['box', 'right/box']);
			const winner = tree.has('left/box') ? 'left' : 'right';
			expect(files(tree)).toEqual(['left/l', 'right/r', `${winner}/box/inside`, `${winner}/box/deep/below`].sort());
		},
		MINUTES,
	);

	it(
		'each into the other, one wins, and no folder is in itself',
		async () => {
			await begin('a/in a', 'b/in b');
			const tree = await meanwhile(['a', 'b/a'], ['b', 'a/b']);
			const wins = tree.has('b/a') ? ['b', 'b/a', 'b/a/in a', 'b/in b'] : ['a', 'a/b', 'a/b/in b', 'a/in a'];
			expect([...tree.keys()].sort()).toEqual(wins.sort());
		},
		MINUTES,
	);

	it(
		'one into another that is moved itself, both moves happen',
		async () => {
			await begin('a/in a', 'b/in b', 'c/in c');
			const tree = await meanwhile(['a', 'b/a'], ['b', 'c/b']);
			expect([...tree.keys()].sort()).toEqual(['c', 'c/b', 'c/b/a', 'c/b/a/in a', 'c/b/in b', 'c/in c']);
		},
		MINUTES,
	);

	it(
		'the same one, renamed here and moved there, it is there once',
		async () => {
			await begin('box/inside', 'place/p');
			const tree = await meanwhile(['box', 'chest'], ['box', 'place/box']);
			expect(files(tree)).toHaveLength(2);
			expect(folders(tree)).toHaveLength(2);
		},
		MINUTES,
	);

	it(
		'one into another that is deleted there, it survives',
		async () => {
			await begin('box/inside', 'place/p');
			const [laptop, desk] = crew.devices;
			for (const device of crew.devices) await device.pause();
			await rename(laptop!.path(at, 'box'), laptop!.path(at, 'place', 'box'));
			await rename(desk!.path(at, 'place'), `${desk!.home}/deleted`);
			await crew.settle();
			const [tree, other] = await Promise.all(crew.devices.map((device) => treeOf(device.path(at))));
			expect(other).toEqual(tree);
			expect(files(tree!).filter((path) => path.endsWith('inside'))).toHaveLength(1);
		},
		MINUTES,
	);
});

import * as fs from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { SyncEngine } from '../../src/control/engine.ts';
import { thisMachine } from '../../src/control/machine.ts';
import type { EngineStatus } from '../../src/daemon/engine.ts';
import { ANY_NAME, type DiskTraits } from '../../src/names/traits.ts';
import { directDisk } from '../support/direct-disk.ts';
import { FakeServer } from '../support/fake-server.ts';
import { type Drawing, TestFolder } from '../support/folder.ts';
import { failing } from '../support/hooked-fs.ts';
import { NAMESPACE } from '../support/ids.ts';
import { restrictedFs } from '../support/restricted-fs.ts';

// S15: name sets round-trip between different disks.

/** A device whose disk has these traits. */
class Machine {
	readonly at = new TestFolder();
	readonly #name: string;
	readonly #traits: DiskTraits;
	/** There is no room for a second name that ends so. */
	fullFor: string | undefined;
	#engine: SyncEngine | undefined;

	constructor(name: string, traits: DiskTraits) {
		this.#name = name;
		this.#traits = traits;
		fs.rmSync(this.at.path('.mydropbox'), { recursive: true });
	}

	async settled(): Promise<EngineStatus> {
		this.#engine ??= await this.#start();
		return this.#engine.settled(AbortSignal.timeout(20_000));
	}

	async synced(): Promise<void> {
		const status = await this.settled();
		expect([this.#name, status.state, status.problems]).toEqual([this.#name, 'up-to-date', []]);
	}

	async #start(): Promise<SyncEngine> {
		const isFull = ([, to]: readonly unknown[]) => this.fullFor !== undefined && String(to).endsWith(this.fullFor);
		const disk = failing(restrictedFs(this.at.dir, this.#traits), 'link', 'ENOSPC', isFull);
		const log = pino({ level: 'silent' });
		const traffic = { bytesSent: 0, bytesReceived: 0 };
		const none = { read: () => [], write: () => undefined };
		const { folder, dir: stateDir } = this.at;
		const engine = new SyncEngine(
			{ folder, stateDir, excludedFile: none, deviceName: this.#name, namespace: NAMESPACE, server, traffic, log },
			{
				...thisMachine,
				fs: disk,
				newDisk: () => directDisk(disk),
				newWatcher: () => ({ start: async () => undefined, close: async () => undefined }),
			},
		);
		await engine.start();
		return engine;
	}

	async loseDatabase(): Promise<void> {
		await this.#engine?.stop();
		this.#engine = undefined;
		for (const file of fs.readdirSync(this.at.dir)) {
			if (file.startsWith('state.db')) fs.rmSync(join(this.at.dir, file));
		}
	}

	async close(): Promise<void> {
		await this.#engine?.stop();
		this.at.remove();
	}
}

let server: FakeServer;
let machines: Machine[];
function twoDevices(traits: DiskTraits): [any: Machine, restricted: Machine] {
	const [any, restricted] = [new Machine('linux', ANY_NAME), new Machine('other', traits)];
	machines = [any, restricted];
	return [any, restricted];
}
beforeEach(() => {
	server = new FakeServer();
});
afterEach(async () => {
	for (const machine of machines) await machine.close();
});

const NTFS: DiskTraits = { ...ANY_NAME, caseInsensitive: true, windowsNames: true };
const HFS: DiskTraits = { ...ANY_NAME, caseInsensitive: true, normalising: true };
const SHORT: DiskTraits = { ...ANY_NAME, nameBytes: 143 };
const DISKS = { NTFS, HFS, SHORT, ANY_NAME };

const NASTY: Drawing = {
	'README.md': '1',
	'readme.md': '2',
	'Readme.MD': '3',
	'Folder/x': '4',
	'folder/X': '5',
	'folder/x': '6',
	'a:b?.txt': '7',
	CON: '8',
	'aux.tar.gz': '9',
	'dot.': '10',
	'space ': '11',
	'two\nlines': '12',
	'\u202egpj.exe': '13',
	'👩‍💻🦆': '14',
	Ärger: '15',
	ärger: '16',
	'looks‛‛：like‛‛².txt': '17',
	[`${'é'.repeat(125)}.txt`]: '18',
	[`${'É'.repeat(125)}.txt`]: '19',
	[`${'x'.repeat(251)}.txt`]: '20',
	'.MyDropbox/inside': '21',
	Straße: '→ a:b?.txt',
};

describe.each(Object.entries(DISKS))('between a disk that takes any name and one like %s', (_, traits) => {
	test('every name arrives, is there again when the database is lost, and comes back to a new device', async () => {
		const [linux, other] = twoDevices(traits);
		linux.at.draw(NASTY);
		await linux.synced();
		const sent = server.drawing();
		await other.synced();
		expect(Object.values(other.at.drawing()).sort()).toEqual(Object.values(NASTY).sort());
		await other.loseDatabase();
		await other.synced();
		expect(server.drawing()).toEqual(sent);
		const third = new Machine('third', ANY_NAME);
		machines.push(third);
		await third.synced();
		expect(third.at.drawing()).toEqual(NASTY);
	});

	test('a name that is spelled differently from now on is so everywhere, and the same file', async () => {
		const [linux, other] = twoDevices(traits);
		linux.at.draw({ 'plan.txt': 'plan', 'dir/inside': 'inside' });
		await linux.synced();
		await other.synced();
		const ids = [...server.nodes.keys()].sort();
		fs.renameSync(linux.at.path('plan.txt'), linux.at.path('Plan.txt'));
		fs.renameSync(linux.at.path('dir'), linux.at.path('DIR'));
		await linux.synced();
		await other.synced();
		expect(other.at.drawing()).toEqual({ 'Plan.txt': 'plan', 'DIR/inside': 'inside' });
		fs.renameSync(other.at.path('Plan.txt'), other.at.path('PLAN.txt'));
		fs.renameSync(other.at.path('DIR'), other.at.path('Dir'));
		await other.synced();
		await linux.synced();
		expect(linux.at.drawing()).toEqual({ 'PLAN.txt': 'plan', 'Dir/inside': 'inside' });
		expect([...server.nodes.keys()].sort()).toEqual(ids);
	});

	test('names that are exchanged or freed in the same moment find their files', async () => {
		const [linux, other] = twoDevices(traits);
		linux.at.draw({ 'a.txt': 'first', 'B.txt': 'second', 'C.txt': 'third' });
		await linux.synced();
		await other.synced();
		fs.renameSync(linux.at.path('a.txt'), linux.at.path('b.txt'));
		fs.renameSync(linux.at.path('B.txt'), linux.at.path('A.txt'));
		fs.rmSync(linux.at.path('C.txt'));
		linux.at.draw({ 'c.txt': 'fourth' });
		await linux.synced();
		await other.synced();
		await other.loseDatabase();
		await other.synced();
		expect(server.drawing()).toEqual({ 'b.txt': 'first', 'A.txt': 'second', 'c.txt': 'fourth' });
		expect(Object.values(other.at.drawing()).sort()).toEqual(['first', 'fourth', 'second']);
	});

	test('S7: of two new files of one name the committed one takes it from the other, in its spelling', async () => {
		const [linux, other] = twoDevices(traits);
		linux.at.draw({ 'é.txt': 'first' });
		other.at.draw({ 'é.txt': 'second' });
		await linux.synced();
		await other.synced();
		await linux.synced();
		expect(server.drawing()).toEqual({
			'é.txt': 'first',
			[`é (conflicted copy, other, ${new Date().toISOString().slice(0, 10)}).txt`]: 'second',
		});
		expect(linux.at.drawing()).toEqual(server.drawing());
	});

	test('what is changed, moved or deleted under an alias is so under its name', async () => {
		const [linux, other] = twoDevices(traits);
		linux.at.draw({ 'a.txt': 'small', 'A.txt': 'capital', 'sub:/inside.': 'deep' });
		await linux.synced();
		await other.synced();
		const pathOf = (text: string) => other.at.path(Object.entries(other.at.drawing()).find(([, t]) => t === text)![0]);
		fs.writeFileSync(pathOf('capital'), 'CAPITAL');
		fs.writeFileSync(pathOf('deep'), 'deeper');
		fs.rmSync(pathOf('small'));
		await other.synced();
		await linux.synced();
		expect(linux.at.drawing()).toEqual({ 'A.txt': 'CAPITAL', 'sub:/inside.': 'deeper' });
	});
});

test('the name that MyDropbox needs for itself comes as an alias', async () => {
	const [linux, other] = twoDevices(NTFS);
	linux.at.draw({ '.mydropbox‛¹/x': 'x' });
	await linux.synced();
	expect(server.drawing()).toMatchObject({ '.mydropbox/x': 'x' });
	await other.synced();
	expect(other.at.drawing()).toEqual({ '.mydropbox‛²/x': 'x' });
});

test('S18: of two that are one name for us, though not for the disk, neither takes the other’s spelling', async () => {
	const [linux, other] = twoDevices(NTFS);
	other.at.draw({ '\u00c9.md/inside': 'folder', 'e\u0301.md': 'file' });
	await other.synced();
	await linux.synced();
	fs.renameSync(linux.at.path('\u00e9.md'), linux.at.path('\u00c9.MD'));
	await linux.synced();
	await other.synced();
	expect(linux.at.drawing()).toEqual({ '\u00c9.md/inside': 'folder', '\u00c9.MD': 'file' });
	expect(Object.values(other.at.drawing()).sort()).toEqual(['file', 'folder']);
});

test('S4: what cannot leave its name yet keeps it, and what is to have it waits, on any disk', async () => {
	const [linux, other] = twoDevices(NTFS);
	linux.at.draw({ 'plan/inside': 'folder', other: 'file' });
	await linux.synced();
	await other.synced();
	fs.renameSync(linux.at.path('other'), linux.at.path('third'));
	fs.renameSync(linux.at.path('plan'), linux.at.path('other'));
	other.fullFor = '/third';
	await linux.synced();
	expect((await other.settled()).problems.map(({ path }) => path)).toContain('other');
	expect(other.at.drawing()).toEqual({ 'plan/inside': 'folder', other: 'file' });
	other.fullFor = undefined;
	await other.synced();
	expect(other.at.drawing()).toEqual({ 'other/inside': 'folder', third: 'file' });
});

test('S4: what only gets another spelling, which rules name, is not deleted elsewhere', async () => {
	const [linux, other] = twoDevices(NTFS);
	linux.at.draw({ '.mydropboxignore': '*.txt', 'PLANS.TXT/inside': 'folder' });
	await linux.synced();
	await other.synced();
	fs.renameSync(other.at.path('PLANS.TXT'), other.at.path('plans.txt'));
	await other.synced();
	expect(server.drawing()).toEqual({ '.mydropboxignore': '*.txt', 'plans.txt/': '', 'plans.txt/inside': 'folder' });
	await linux.synced();
	for (const { at } of machines)
		expect(at.drawing()).toEqual({ '.mydropboxignore': '*.txt', 'plans.txt/inside': 'folder' });
});

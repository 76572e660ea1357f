import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterwards } from '../cleanup.ts';
import type { Person, Product } from '../product.ts';
import { contentIn, differences, type Tree, treeOf } from '../tree-of.ts';
import { CrashingDevice } from './crashing-device.ts';
import { beginDays, CONTENDED, EXCHANGED, spendDay } from './day.ts';

export type Side = 'sending' | 'receiving';

/** Boundaries at which the daemon of a side dies, one life after the other. */
export type Deaths = Partial<Record<Side, readonly string[]>>;

/** What a daemon, and its successors after each death, went through. */
export interface Lives {
	/** Boundaries reached in each life, in order. */
	readonly reached: readonly (readonly string[])[];
	/** The tree that each death has left behind. */
	readonly left: readonly Tree[];
}

export type Day = Record<Side, Lives> & {
	/** What is wrong in the end, or was wrong at the moment of a death. */
	readonly wrong: readonly string[];
};

/**
 * Two devices of one person, who works on the first, with a daemon that has to send it, and has once written on the
 * second, where the daemon has to receive it. Each day is the same; day by day the daemons die at other places.
 */
export class Lane {
	readonly #sender: CrashingDevice;
	readonly #receiver: CrashingDevice;
	#day = 0;

	private constructor(name: string, directory: string) {
		this.#sender = new CrashingDevice(`${name}s`, join(directory, 's'));
		this.#receiver = new CrashingDevice(`${name}r`, join(directory, 'r'));
	}

	static async open(product: Product, person: Person): Promise<Lane> {
		const directory = await mkdtemp(join(tmpdir(), 'mydropbox-crash-'));
		afterwards(() => rm(directory, { recursive: true, force: true }));
		const lane = new Lane(person.username, directory);
		for (const device of lane.#devices) {
			await device.login(product, person);
			// Weeks go by in minutes: what is deleted day by day would look like a mass delete.
			device.configure({ massDeletes: { files: 1e6, share: 1, shareFrom: 1e6 } });
		}
		await beginDays(lane.#sender.folder);
		for (const device of lane.#devices) await device.start();
		for (const device of lane.#devices) await device.settled();
		return lane;
	}

	get #devices(): CrashingDevice[] {
		return [this.#sender, this.#receiver];
	}

	async spendDay(deaths: Deaths = {}): Promise<Day> {
		const day = ++this.#day;
		for (const device of this.#devices) await device.pause();
		const before = await treeOf(this.#sender.folder);
		await spendDay(this.#sender.folder, day);
		await writeFile(this.#receiver.path(CONTENDED), `there on day ${day}`);
		const after = await treeOf(this.#sender.folder);
		const there = (await treeOf(this.#receiver.folder)).get(CONTENDED)!;

		const sending = await live(this.#sender, deaths.sending ?? []);
		const receiving = await live(this.#receiver, deaths.receiving ?? []);
		await this.#sender.settled();
		const wrong = [
			...sending.left.flatMap((left) => differences(after, left).map((line) => `left by the sender: ${line}`)),
			...receiving.left.flatMap((left) => halves(before, after, there, left)),
			...(await this.#inTheEnd(after, there)),
		];
		return { sending, receiving, wrong };
	}

	/** S1–S4, S6: all that the person did, one conflicted copy of what was written in two places, and nothing else. */
	async #inTheEnd(after: Tree, there: string): Promise<string[]> {
		const wrong: string[] = [];
		for (const device of this.#devices) {
			const tree = await treeOf(device.folder);
			const copies = [...tree].filter(([path]) => path.startsWith('contended (conflicted copy, '));
			if (copies.length !== this.#day) wrong.push(`${device.name}: ${copies.length} conflicted copies`);
			if (!copies.some(([, what]) => what === there)) wrong.push(`${device.name}: no copy of ${there}`);
			for (const [path] of copies) tree.delete(path);
			const own = new Map([...after].filter(([path]) => !path.startsWith('contended (conflicted copy, ')));
			wrong.push(...differences(own, tree).map((line) => `${device.name}, in the end: ${line}`));
			for (const name of await readdir(device.path('.mydropbox', 'tmp')))
				wrong.push(`${device.name}: ${name} stays in tmp`);
		}
		return wrong;
	}

	async close(): Promise<void> {
		await Promise.all(this.#devices.map((device) => device.end('SIGTERM')));
	}
}

/** Lets a paused daemon go on until it is up to date, and starts it again whenever it has died. */
async function live(device: CrashingDevice, deaths: readonly string[]): Promise<Lives> {
	const reached: string[][] = [];
	const left: Tree[] = [];
	device.order({ dieAt: deaths[0] });
	await device.resume();
	for (let life = 0; ; life++) {
		const end = await device.settled();
		reached.push(device.reached);
		if (end === 'settled') break;
		left.push(await treeOf(device.folder));
		await device.start({ dieAt: deaths[life + 1] });
	}
	device.order(undefined);
	return { reached, left };
}

/** S2 and S7, at any moment: each file is a whole version, and no path that stays is missing. */
function halves(before: Tree, after: Tree, there: string, left: Tree): string[] {
	const whole = new Set([...before.values(), ...after.values(), there].map(contentIn));
	const wrong: string[] = [];
	for (const [path, what] of left)
		if (!whole.has(contentIn(what))) wrong.push(`left by the receiver: ${path} is ${what}`);
	for (const path of before.keys())
		if (after.has(path) && !left.has(path) && !EXCHANGED.includes(path))
			wrong.push(`left by the receiver: ${path} is missing`);
	return wrong;
}

import type { Device } from './device.ts';
import type { Count } from './effects.ts';
import { ROOT } from './places.ts';
import { Random } from './random.ts';
import { freeName, visible } from './user.ts';
import type { Witness } from './witness.ts';

export interface WishesOptions {
	readonly seed: string;
	readonly devices: readonly Device[];
	readonly witness: Witness;
	readonly note: (what: string) => void;
	readonly count: Count;
	/** Whether an event happens in this run; every one that could asks. */
	readonly happens: (event: string) => boolean;
	readonly later: (milliseconds: number, work: () => void) => void;
}

const RULE_FILE = '.mydropboxignore';
const PATTERNS = ['*.txt', 'x/', '/y', 'c', 'z/*', '*', '!b.txt', '*.d/'];

/** Share of the runs in which anybody wishes anything. */
const SHARE = 0.25;
/** Mean pause between two wishes, and mean time until one is taken back, milliseconds. */
const PAUSE_MS = 3000;
const LASTS_MS = 4000;

/** What people want not to be in step: on one device, or by rules. In the end all of it is taken back. */
export class Wishes {
	/** Whether there were any: what people do to what is not in step is then no news to others. */
	any = false;
	readonly #options: WishesOptions;

	constructor(options: WishesOptions) {
		this.#options = options;
	}

	/** They have chances of their own: a run without them is what it was. @param end milliseconds from now. */
	plan(end: number): void {
		const { seed, devices, note, happens, later } = this.#options;
		const random = new Random(`${seed}/wishes`);
		if (!random.chance(SHARE)) return;
		for (let number = 0, at = random.soon(PAUSE_MS); at < end; number++, at += random.soon(PAUSE_MS)) {
			const wish = random.pick(['exclude', 'ignore'] as const);
			const device = random.pick(devices);
			const name = `${device.name}.wish-${number}`;
			if (!happens(name)) continue;
			later(at, () => {
				if (!device.isMounted) return;
				note(`${device.name} WISH ${wish}`);
				this.any = true;
				this[wish](device, new Random(`${seed}/${name}`));
			});
		}
	}

	/** Something is not wanted on this device. */
	exclude(device: Device, random: Random): void {
		const { count, later } = this.#options;
		const all = [...visible(device.disk, ROOT, '.mydropbox')];
		if (all.length === 0) return;
		if (device.exclusions.exclude(random.pick(all).path.slice(ROOT.length + 1))) count('exclude');
		if (random.chance(0.5)) later(random.soon(LASTS_MS), () => device.exclusions.includeAll());
	}

	/** Some names are wanted on no device but where they are. */
	ignore(device: Device, random: Random): void {
		const { witness, count, later } = this.#options;
		const { disk } = device;
		const folders = [...visible(disk, ROOT, '.mydropbox')].filter(({ inode }) => inode.kind === 'folder');
		const folder = folders.length > 0 && random.chance(0.4) ? random.pick(folders).path : ROOT;
		const lines = [random.pick(PATTERNS), random.pick(PATTERNS), `# ${device.name} ${random.between(0, 1e9)}`];
		const path = `${folder}/${RULE_FILE}`;
		const there = disk.find(path);
		if (there && there.kind !== 'file') return;
		count('ignore');
		const write = () => {
			const inode = there ?? disk.create(path, 'file', { mode: 0o644 });
			disk.setBytes(inode, new Uint8Array(Buffer.from(lines.join('\n'))));
		};
		witness.act(device, write, {});
		if (random.chance(0.5)) later(random.soon(LASTS_MS), () => this.#takeRulesBack(device));
	}

	/** @returns whether there was anything left to take back. */
	takeBack(): boolean {
		if (!this.any) return false;
		return this.#options.devices
			.flatMap((device) => [device.exclusions.includeAll(), this.#takeRulesBack(device)])
			.includes(true);
	}

	/** What a deed has put in the place of a rule file, and no daemon can read, gets another name. */
	#takeRulesBack(device: Device): boolean {
		const { disk, isMounted } = device;
		const all = isMounted ? [...visible(disk, ROOT, '.mydropbox')] : [];
		const rules = all.filter(({ path }) => path.endsWith(`/${RULE_FILE}`));
		for (const { path, inode } of rules.toReversed()) {
			const act = () => (inode.kind === 'file' ? disk.unlink(path) : disk.rename(path, freeName(disk, path)));
			this.#options.witness.act(device, act, {});
		}
		return rules.length > 0;
	}
}

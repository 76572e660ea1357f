import type { JobName } from '@mydropbox/client';
import { act, chooseAct } from './aimed.ts';
import { begin } from './deeds.ts';
import type { Device } from './device.ts';
import type { Count } from './effects.ts';
import type { Swarm } from './faults.ts';
import { ROOT } from './places.ts';
import { Random } from './random.ts';
import type { Deed, Hands } from './user.ts';
import type { Witness } from './witness.ts';

export interface PeopleOptions {
	readonly seed: string;
	readonly swarm: Swarm;
	readonly witness: Witness;
	readonly note: (what: string) => void;
	readonly count: Count;
	readonly countDeed: (name: string) => void;
	/** Whether an event happens in this run; every one that could asks. */
	readonly happens: (event: string) => boolean;
	readonly later: (milliseconds: number, work: () => void) => void;
	/** Whose user alone does anything; undefined: all do. */
	readonly writer: () => Device | undefined;
}

/** Numbers of deeds that somebody does between two calls of the daemon. */
const FIRST_INTRUSION = 100_000;
/** …and of those that are aimed. */
const FIRST_AIMED = 200_000;

/** What is under way on one device. */
interface Hand {
	readonly random: Random;
	/** For what is aimed at what the daemon is doing. */
	readonly aim: Random;
	/** Next steps of deeds. */
	readonly steps: Set<() => void>;
}

/** The users of all devices, and their programs: deeds begin, go on step by step, and give up when they meet what they did not expect. */
export class People {
	readonly #options: PeopleOptions;
	readonly #hands = new Map<Device, Hand>();
	#intrusions = 0;
	#aimed = 0;
	/** Deeds that began between two calls of a daemon: each makes more such calls, so without an end there would be no end. */
	#begun = 0;
	#intruding = false;
	#isOver = false;

	constructor(options: PeopleOptions) {
		this.#options = options;
	}

	/** Nobody begins anything any more. */
	rest(): void {
		this.#isOver = true;
	}

	#handOf(device: Device): Hand {
		const known = this.#hands.get(device);
		if (known) return known;
		const { seed } = this.#options;
		const stream = (name: string) => new Random(`${seed}/${name}/${device.name}`);
		const hand: Hand = { random: stream('intrusion'), aim: stream('aim'), steps: new Set() };
		this.#hands.set(device, hand);
		return hand;
	}

	/** @param number names the deed: it is the same whatever others there are. */
	begin(number: number, device: Device): void {
		if (!device.isMounted) return;
		const { note, countDeed } = this.#options;
		const { name, deed } = begin(this.#handsOf(number, device));
		note(`${device.name} deed ${number} ${name}`);
		countDeed(name);
		this.#step(device, deed, device.boots);
	}

	#handsOf(number: number, device: Device): Hands {
		const { seed, swarm, witness, count } = this.#options;
		let fresh = 0;
		return {
			disk: device.disk,
			random: new Random(`${seed}/deed/${number}`),
			root: ROOT,
			act: (work, partial) => witness.act(device, work, { partial: partial ?? false }),
			writeOpen: (inode, bytes) => witness.writeOpen(device, inode, bytes),
			abandon: (inode) => witness.abandoned(inode),
			fresh: () => freshText(device.name, number, ++fresh),
			isStory: swarm.isStory,
			sizes: swarm.sizes,
			names: swarm.names,
			respelled: () => count('respelled'),
			narrow: swarm.narrow,
			habit: swarm.habit,
			deletesAll: swarm.deletesAll,
			sameTick: () => count(swarm.tick >= 1_000_000_000n ? 'same-tick-coarse' : 'same-tick'),
		};
	}

	#step(device: Device, deed: Deed, boots: number): void {
		const { note, later } = this.#options;
		if (device.boots !== boots || !device.isMounted) {
			deed.return();
			return;
		}
		let next: IteratorResult<number, void>;
		try {
			next = deed.next();
		} catch (error) {
			note(`${device.name} gives up: ${(error as Error).message}`);
			return;
		}
		if (next.done) return;
		const { steps } = this.#handOf(device);
		const go = () => {
			if (steps.delete(go)) this.#step(device, deed, boots);
		};
		steps.add(go);
		later(next.value, go);
	}

	/** Between two calls of the daemon to its disk, before this one: a deed goes on, or a new one begins. */
	intrude(device: Device, call: string, path: string): void {
		if (this.#intruding) return;
		this.#intruding = true;
		try {
			this.#aim(device, call, path);
			// What a program renames to the path in this very moment is lost: Node has no exchange of names.
			if (call !== 'rename') this.#goOn(device);
		} finally {
			this.#intruding = false;
		}
	}

	/** Somebody does something to the very file that is being read or put in its place. */
	#aim(device: Device, call: string, path: string): void {
		const { swarm, note, count, happens } = this.#options;
		if (swarm.aim === 0 || !BUSY.has(device.job) || !this.#mayBegin(device)) return;
		const { aim } = this.#handOf(device);
		if (!aim.chance(swarm.aim)) return;
		const number = this.#aimed++;
		const hands = this.#handsOf(FIRST_AIMED + number, device);
		const name = chooseAct(path, call, hands);
		if (!name || !happens(`${device.name}.intrusion-aimed-${number}`)) return;
		this.#begun++;
		count('intrusion-aimed');
		this.#countWrite(device);
		note(`${device.name} ${name} aimed at ${call} ${path}`);
		try {
			act(name, path, hands);
		} catch (error) {
			note(`${device.name} gives up: ${(error as Error).message}`);
		}
		if (!aim.chance(swarm.fragile)) return;
		count('death-in-the-middle');
		device.dyingIn ??= { calls: aim.between(1, 6), how: 'crash' };
	}

	#goOn(device: Device): void {
		const { swarm, count, happens } = this.#options;
		if (swarm.intrusion === 0) return;
		const { random, steps } = this.#handOf(device);
		if (!random.chance(swarm.intrusion)) return;
		const number = this.#intrusions++;
		const [step] = steps;
		const begins = !step && random.chance(0.3) && this.#mayBegin(device);
		if ((!step && !begins) || !happens(`${device.name}.intrusion-${number}`)) return;
		count('intrusion');
		this.#countWrite(device);
		if (step) step();
		else {
			this.#begun++;
			this.begin(FIRST_INTRUSION + number, device);
		}
	}

	#mayBegin(device: Device): boolean {
		const { swarm, writer } = this.#options;
		return !this.#isOver && device.isMounted && this.#begun < swarm.deeds / 2 && (writer() ?? device) === device;
	}

	#countWrite({ job }: Device): void {
		const { count } = this.#options;
		if (job !== undefined && READING.has(job)) count('write-during-read');
		if (job === 'publish') count('write-during-apply');
	}
}

/**
 * All are equally long, no two are alike, and their numbers have no structure: of two that a power cut mixes, no third one
 * comes (as from 24 and 33 came 34).
 */
function freshText(device: string, deed: number, time: number): string {
	// Each step can be undone.
	let code = deed;
	for (const factor of [0x2c1b3d, 0x97d2a5]) code = Math.imul(code ^ (code >>> 12), factor) & 0xffffff;
	return `${device}-${code.toString(16).padStart(6, '0')}-${String(time).padStart(2, '0')};`;
}

/** Jobs in which the daemon reads what files hold. */
const READING: ReadonlySet<JobName> = new Set(['readFiles', 'readBlocks', 'cutFile', 'matchBlocks']);
/** Jobs in which it relies on what it has just seen of a file. */
const BUSY: ReadonlySet<JobName | undefined> = new Set([...READING, 'publish']);

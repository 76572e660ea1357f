import { begin } from './deeds.ts';
import type { Device } from './device.ts';
import { ROOT } from './device.ts';
import type { Count } from './effects.ts';
import type { Swarm } from './faults.ts';
import { Random } from './random.ts';
import type { Deed } from './user.ts';
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

/** What is under way on one device. */
interface Hand {
	readonly random: Random;
	/** Next steps of deeds. */
	readonly steps: Set<() => void>;
}

/** The users of all devices, and their programs: deeds begin, go on step by step, and give up when they meet what they did not expect. */
export class People {
	readonly #options: PeopleOptions;
	readonly #hands = new Map<Device, Hand>();
	#intrusions = 0;
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
		const hand: Hand = { random: new Random(`${this.#options.seed}/intrusion/${device.name}`), steps: new Set() };
		this.#hands.set(device, hand);
		return hand;
	}

	/** @param number names the deed: it is the same whatever others there are. */
	begin(number: number, device: Device): void {
		if (!device.isMounted) return;
		const { seed, swarm, witness, note, count, countDeed } = this.#options;
		let fresh = 0;
		const { name, deed } = begin({
			disk: device.disk,
			random: new Random(`${seed}/deed/${number}`),
			root: ROOT,
			act: (work, partial) => witness.act(device, work, { partial: partial ?? false }),
			writeOpen: (inode, bytes) => witness.writeOpen(device, inode, bytes),
			abandon: (inode) => witness.abandoned(inode),
			fresh: () => `${device.name}-${String(number).padStart(6, '0')}-${String(++fresh).padStart(2, '0')};`,
			sizes: swarm.sizes,
			names: swarm.names,
			respelled: () => count('respelled'),
			deletesAll: swarm.deletesAll,
			sameTick: () => count(swarm.tick >= 1_000_000_000n ? 'same-tick-coarse' : 'same-tick'),
		});
		note(`${device.name} deed ${number} ${name}`);
		countDeed(name);
		this.#step(device, deed, device.boots);
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

	/** Between two calls of the daemon to its disk: a deed goes on, or a new one begins. */
	intrude(device: Device): void {
		const { swarm, count, happens, writer } = this.#options;
		if (this.#intruding || swarm.intrusion === 0) return;
		const { random, steps } = this.#handOf(device);
		if (!random.chance(swarm.intrusion)) return;
		const number = this.#intrusions++;
		const [step] = steps;
		const mayBegin = !this.#isOver && this.#begun < swarm.deeds / 2 && (writer() ?? device) === device;
		const begins = !step && random.chance(0.3) && mayBegin;
		if ((!step && !begins) || !happens(`${device.name}.intrusion-${number}`)) return;
		this.#intruding = true;
		try {
			count('intrusion');
			if (device.job === 'readFiles' || device.job === 'readBlocks') count('write-during-read');
			if (device.job === 'publish') count('write-during-apply');
			if (step) step();
			else {
				this.#begun++;
				this.begin(FIRST_INTRUSION + number, device);
			}
		} finally {
			this.#intruding = false;
		}
	}
}

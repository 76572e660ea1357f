import { PORTIONS, type Portions } from '@mydropbox/client';
import { DEEDS } from './deeds.ts';
import type { Death, Device } from './device.ts';
import { type DiskKind, INEXACT_DISKS } from './disk/disk-kinds.ts';
import type { Inode } from './disk/inode.ts';
import type { Count } from './effects.ts';
import { ROOT } from './places.ts';
import { Random } from './random.ts';
import type { GarbageSettings } from './server/garbage.ts';
import type { SimServer } from './server/server.ts';
import { type NameSet, visible } from './user.ts';

/** What faults need of the world. */
export interface Afflicted {
	readonly devices: readonly Device[];
	readonly server: Pick<SimServer, 'restart' | 'expireTokens' | 'backUp'>;
	/** Mended in the end at the latest. */
	readonly broken: Set<Inode>;
	readonly count: Count;
	later(milliseconds: number, work: () => void): void;
}

type Afflict = (device: Device, world: Afflicted, random: Random) => void | Promise<void>;

/** Dies between two calls to its disk, and says so then; half of them when it has just changed something that people see. */
const dying =
	(how: Death): Afflict =>
	(device, _world, random) => {
		const [calls, few] = [random.between(1, 120), random.between(1, 8)];
		device.dyingIn = random.chance(0.5) ? { calls: few, how, waits: true } : { calls, how };
	};

/** Something that goes wrong with one device, or with the server, at some moment. */
export const FAULTS = {
	/** The daemon dies. */
	crash: dying('crash'),
	/** The machine loses power. */
	power: dying('power'),
	/** …and files that were just written over have their new length and times, and some of their old bytes. */
	'torn-overwrite': dying('torn-overwrite'),
	/** The daemon dies while it waits for something. */
	kill(device, { count, later }, random) {
		if (!device.isRunning) return;
		count('kill');
		device.crash();
		later(random.soon(2000), () => device.start());
	},
	restart(device, { count, later }, random) {
		if (!device.isRunning) return;
		count('restart');
		void device.stop().then(() => later(random.soon(3000), () => device.start()));
	},
	'database-lost'(device, { count, later }, random) {
		if (device.isRunning) count('database-lost');
		device.crash();
		device.useState(undefined);
		later(random.soon(1000), () => device.start());
	},
	'database-stale'(device, { count, later }, random) {
		const old = device.copyState();
		later(random.soon(6000), () => {
			if (device.isRunning) count('database-stale');
			device.crash();
			device.useState(old);
			later(random.soon(1000), () => device.start());
		});
	},
	partition({ weather }, { later }, random) {
		weather.cut ??= 'partition';
		later(random.soon(5000), () => {
			weather.cut = null;
		});
	},
	'server-restart'(_device, { devices, server, later }, random) {
		for (const { weather } of devices) weather.cut = 'server-restart';
		later(random.soon(800), () => {
			server.restart();
			for (const { weather } of devices) weather.cut = null;
		});
	},
	/** The server's machine is lost, and what there is of it is some seconds old. */
	async 'server-restored'(_device, { devices, server, later }, random) {
		const restore = await server.backUp();
		later(random.soon(6000), () => {
			for (const { weather } of devices) weather.cut = 'server-restored';
			later(random.soon(800), async () => {
				await restore();
				for (const { weather } of devices) weather.cut = null;
			});
		});
	},
	/** No token that was given out is good any more. */
	'tokens-expired'(_device, { server }) {
		server.expireTokens();
	},
	overflow(device) {
		device.overflow();
	},
	/** A file or a folder that cannot be read or changed for a while. */
	broken(device, { broken, later }, random) {
		const all = [...visible(device.disk, ROOT, '.mydropbox')];
		if (all.length === 0) return;
		const { inode } = random.pick(all);
		inode.broken = random.pick(['EACCES', 'EIO']);
		later(random.soon(5000), () => {
			inode.broken = null;
		});
		broken.add(inode);
	},
	/** A file whose end cannot be read for a while. */
	'bad-sector'(device, { broken, later }, random) {
		const all = [...visible(device.disk, ROOT, '.mydropbox')].filter(({ inode }) => inode.bytes.length > 0);
		if (all.length === 0) return;
		const { inode } = random.pick(all);
		inode.badFrom = random.between(0, inode.bytes.length - 1);
		later(random.soon(5000), () => {
			inode.badFrom = Number.POSITIVE_INFINITY;
		});
		broken.add(inode);
	},
	'disk-full'(device, { later }, random) {
		device.room = random.pick([0, random.between(1, 150)]);
		later(random.soon(4000), () => {
			device.room = Number.POSITIVE_INFINITY;
		});
	},
	unmount(device, { count, later }, random) {
		if (device.unmount() && device.isRunning) count('unmount');
		later(random.soon(4000), () => device.mount());
	},
	'clock-jump'(device, { count }, random) {
		if (device.isRunning) count('clock-jump');
		device.clockError += random.pick([-3_600_000, -5000, -300, 300, 5000, 3_600_000]);
	},
	pause(device, { count, later }, random) {
		if (device.isRunning) count('pause');
		device.pause();
		later(random.soon(3000), () => device.resume());
	},
} satisfies Record<string, Afflict>;
export type Fault = keyof typeof FAULTS;

/** In the end everything works again. */
export function heal(devices: readonly Device[], broken: Iterable<Inode>): void {
	for (const inode of broken) {
		inode.broken = null;
		inode.badFrom = Number.POSITIVE_INFINITY;
	}
	for (const device of devices) {
		Object.assign(device.weather, { lost: 0, answerLost: 0, doubled: 0, cut: null });
		Object.assign(device.eyes, { blind: 0, double: 0 });
		device.room = Number.POSITIVE_INFINITY;
		device.dyingIn = undefined;
		if (!device.isMounted) device.mount();
		device.resume();
	}
}

/** What may go wrong in one run. Few things in one run, many over all runs: a run in which everything fails finds little. */
export interface Swarm {
	readonly devices: number;
	/** Only the first device's user does anything. */
	readonly oneWriter: boolean;
	readonly deeds: number;
	/** Mean pause between two deeds, milliseconds. */
	readonly pace: number;
	readonly tick: bigint;
	/** How far the clock that stamps the files is ahead of the daemon's, as on network disks; milliseconds. */
	readonly diskAhead: number;
	readonly sizes: 'small' | 'large';
	/** What the daemons take for large. */
	readonly portions: Portions;
	/** That another program does something between two calls of the daemon to the disk. */
	readonly intrusion: number;
	readonly weather: { delay: number; lost: number; answerLost: number; doubled: number };
	readonly eyes: { blind: number; double: number; vague: number; delay: number };
	readonly faults: readonly Fault[];
	/** Mean pause between two faults, milliseconds. */
	readonly trouble: number;
	/** Where the daemons keep what they know; the one that real devices have is far slower. */
	readonly store: 'memory' | 'sqlite';
	/** The same for the server; it makes no difference to what happens. */
	readonly serverStore: 'memory' | 'sqlite';
	readonly names: NameSet;
	/** One for each device. */
	readonly disks: readonly DiskKind[];
	/** Where the server keeps what it knows in SQL, it collects garbage. */
	readonly garbage: GarbageSettings | undefined;
	/** People delete everything now and then, and the devices ask about a few deletes. */
	readonly deletesAll: boolean;
	/** That somebody does something to the very file that the daemon is just reading or putting in its place, per call. */
	readonly aim: number;
	/** That the daemon dies a few calls after that. */
	readonly fragile: number;
	/** That a listing of a folder in which names have just changed misses something, once; as it happens on network disks. */
	readonly skips: number;
	/** Everything happens to a few names. */
	readonly narrow: boolean;
	/** What people do far more often than anything else. */
	readonly habit: keyof typeof DEEDS | undefined;
	/** The model of one file judges all that happens. */
	readonly isStory: boolean;
}

/** A fault, or a way to be, that is new changes nothing of what the others are in a world that there was before. */
export function swarmOf(seed: string): Swarm {
	const random = new Random(`${seed}/swarm`);
	const sometimes = (probability: number, value: () => number) => (random.chance(probability) ? value() : 0);
	const names = Object.keys(FAULTS) as Fault[];
	const devices = random.between(3, 4);
	const swarm: Swarm = {
		devices,
		oneWriter: random.chance(0.25),
		deeds: random.between(20, 150),
		pace: random.pick([20, 100, 300, 1000]),
		tick: random.pick([1_000_000n, 4_000_000n, 10_000_000n, 10_000_000n, 1_000_000_000n, 2_000_000_000n]),
		diskAhead: diskAhead(new Random(`${seed}/swarm/disk-ahead`)),
		...sizesAndPortions(seed, random.chance(0.04)),
		intrusion: sometimes(0.5, () => random.pick([0.002, 0.02, 0.1])),
		weather: {
			delay: random.pick([2, 20, 200]),
			lost: sometimes(0.3, () => random.pick([0.02, 0.2])),
			answerLost: sometimes(0.4, () => random.pick([0.02, 0.2])),
			doubled: sometimes(0.3, () => random.pick([0.05, 0.3])),
		},
		eyes: {
			blind: sometimes(0.3, () => random.pick([0.05, 0.5, 1])),
			vague: sometimes(0.3, () => random.pick([0.3, 1])),
			double: sometimes(0.2, () => 0.3),
			delay: random.pick([5, 50, 500]),
		},
		faults: names.filter((name) => new Random(`${seed}/swarm/${name}`).chance(0.2)),
		trouble: random.pick([1000, 4000]),
		store: random.chance(0.01) ? 'sqlite' : 'memory',
		serverStore: new Random(`${seed}/swarm/serverStore`).chance(0.1) ? 'sqlite' : 'memory',
		...namesAndDisks(seed, devices, random.chance(0.2)),
		garbage: garbageSettings(new Random(`${seed}/swarm/garbage`)),
		deletesAll: new Random(`${seed}/swarm/deletes-all`).chance(0.1),
		...ways(seed),
		isStory: false,
	};
	return new Random(`${seed}/swarm/story`).chance(1 / 12) ? asStory(swarm) : swarm;
}

/** Faults that the model of one file does not notice: they only make things late. */
const LATE: ReadonlySet<string> = new Set(
	'crash kill restart partition server-restart tokens-expired overflow broken bad-sector disk-full pause'.split(' '),
);

const asStory = (swarm: Swarm): Swarm => ({
	...swarm,
	isStory: true,
	oneWriter: false,
	sizes: 'small',
	faults: swarm.faults.filter((fault) => LATE.has(fault)),
	names: 'plain',
	disks: swarm.disks.map(() => 'any'),
	deletesAll: false,
	skips: 0,
	habit: undefined,
});

/** What makes situations frequent that chance alone would hardly bring about. */
function ways(seed: string): Pick<Swarm, 'aim' | 'fragile' | 'skips' | 'narrow' | 'habit'> {
	const random = new Random(`${seed}/swarm/ways`);
	const sometimes = <T>(probability: number, values: readonly T[]) =>
		random.chance(probability) ? random.pick(values) : undefined;
	return {
		aim: sometimes(0.4, [0.02, 0.1, 0.3]) ?? 0,
		fragile: sometimes(0.3, [0.1, 0.4]) ?? 0,
		skips: sometimes(0.15, [0.05, 0.3]) ?? 0,
		narrow: random.chance(0.15),
		habit: sometimes(0.4, Object.keys(DEEDS)),
	};
}

/** Of large files, which cost time, there are few worlds. Where small ones pass for large, they come in one portion all the same. */
function sizesAndPortions(seed: string, isLarge: boolean): Pick<Swarm, 'sizes' | 'portions'> {
	const random = new Random(`${seed}/swarm/portions`);
	const inMemory = random.pick([60, 200_000]);
	const few = new Random(`${seed}/swarm/newcomers`);
	const newcomers = few.chance(0.25) ? few.pick([1, 2, 5]) : PORTIONS.newcomers;
	if (isLarge) {
		const request = random.pick([200_000, 1_200_000]);
		return { sizes: 'large', portions: { inMemory, request, part: 1_100_000, newcomers } };
	}
	const small = random.chance(0.2) ? { inMemory: 60 } : {};
	return { sizes: 'small', portions: { ...PORTIONS, ...small, newcomers } };
}

const diskAhead = (random: Random): number =>
	random.chance(0.05) ? random.pick([-3_600_000, -3000, -300, 300, 3000, 3_600_000]) : 0;

/** Blocks may go before the commit that names them comes; answers to commits stay longer than anybody asks again. */
const garbageSettings = (random: Random): GarbageSettings | undefined =>
	random.chance(0.5) ? { graceMs: random.pick([10, 300, 3000]), historyMs: random.pick([60_000, 300_000]) } : undefined;

/** Some disks take several spellings for one name; the last device of a nasty world refuses names, too. */
function namesAndDisks(seed: string, devices: number, isNasty: boolean): Pick<Swarm, 'names' | 'disks'> {
	const random = new Random(`${seed}/swarm/disks`);
	const hasTwins = random.chance(0.2);
	const disks = Array.from({ length: devices }, (_, index): DiskKind => {
		if (hasTwins && random.chance(0.6)) return random.pick(INEXACT_DISKS);
		return isNasty && index === devices - 1 ? 'windows-names' : 'any';
	});
	return { names: isNasty ? 'nasty' : hasTwins ? 'twins' : 'plain', disks };
}

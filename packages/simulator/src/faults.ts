import type { Device } from './device.ts';
import { ROOT } from './device.ts';
import type { Inode } from './disk/inode.ts';
import type { Random } from './random.ts';
import { visible } from './user.ts';

/** What faults need of the world. */
export interface Afflicted {
	readonly devices: readonly Device[];
	readonly server: { restart(): void };
	/** Mended in the end at the latest. */
	readonly broken: Set<Inode>;
	later(milliseconds: number, work: () => void): void;
}

/** Something that goes wrong with one device, or with the server, at some moment. */
export const FAULTS = {
	/** The daemon dies between two calls to its disk. */
	crash(device: Device, _world: Afflicted, random: Random) {
		device.dyingIn = { calls: random.between(1, 120), how: 'crash' };
	},
	/** The machine loses power between two calls to its disk. */
	power(device: Device, _world: Afflicted, random: Random) {
		device.dyingIn = { calls: random.between(1, 120), how: 'power' };
	},
	/** The daemon dies while it waits for something. */
	kill(device: Device, world: Afflicted, random: Random) {
		device.crash();
		world.later(random.soon(2000), () => device.start());
	},
	restart(device: Device, world: Afflicted, random: Random) {
		void device.stop().then(() => world.later(random.soon(3000), () => device.start()));
	},
	'database-lost'(device: Device, world: Afflicted, random: Random) {
		device.crash();
		device.useState(undefined);
		world.later(random.soon(1000), () => device.start());
	},
	'database-stale'(device: Device, world: Afflicted, random: Random) {
		const old = device.copyState();
		world.later(random.soon(6000), () => {
			device.crash();
			device.useState(old);
			world.later(random.soon(1000), () => device.start());
		});
	},
	partition(device: Device, world: Afflicted, random: Random) {
		device.weather.cut = true;
		world.later(random.soon(5000), () => {
			device.weather.cut = false;
		});
	},
	'server-restart'(_device: Device, world: Afflicted, random: Random) {
		for (const { weather } of world.devices) weather.cut = true;
		world.later(random.soon(800), () => {
			world.server.restart();
			for (const { weather } of world.devices) weather.cut = false;
		});
	},
	overflow(device: Device) {
		device.overflow();
	},
	/** A file or a folder that cannot be read or changed for a while. */
	broken(device: Device, world: Afflicted, random: Random) {
		const all = [...visible(device.disk, ROOT, '.mydropbox')];
		if (all.length === 0) return;
		const { inode } = random.pick(all);
		inode.broken = random.pick(['EACCES', 'EIO']);
		world.later(random.soon(5000), () => {
			inode.broken = null;
		});
		world.broken.add(inode);
	},
	'disk-full'(device: Device, world: Afflicted, random: Random) {
		device.full = true;
		world.later(random.soon(4000), () => {
			device.full = false;
		});
	},
	unmount(device: Device, world: Afflicted, random: Random) {
		device.unmount();
		world.later(random.soon(4000), () => device.mount());
	},
	'clock-jump'(device: Device, _world: Afflicted, random: Random) {
		device.clockError += random.pick([-3_600_000, -5000, -300, 300, 5000, 3_600_000]);
	},
	pause(device: Device, world: Afflicted, random: Random) {
		device.pause();
		world.later(random.soon(3000), () => device.resume());
	},
} satisfies Record<string, (device: Device, world: Afflicted, random: Random) => void>;
export type Fault = keyof typeof FAULTS;

/** What may go wrong in one run. Few things in one run, many over all runs: a run in which everything fails finds little. */
export interface Swarm {
	readonly devices: number;
	/** Only the first device's user does anything. */
	readonly oneWriter: boolean;
	readonly deeds: number;
	/** Mean pause between two deeds, milliseconds. */
	readonly pace: number;
	readonly tick: bigint;
	readonly sizes: 'small' | 'large';
	/** That another program does something between two calls of the daemon to the disk. */
	readonly intrusion: number;
	readonly weather: { delay: number; lost: number; answerLost: number; doubled: number };
	readonly eyes: { blind: number; double: number; delay: number };
	readonly faults: readonly Fault[];
	/** Mean pause between two faults, milliseconds. */
	readonly trouble: number;
	/** Where the daemons keep what they know; the one that real devices have is far slower. */
	readonly store: 'memory' | 'sqlite';
}

export function swarmOf(random: Random): Swarm {
	const sometimes = (probability: number, value: () => number) => (random.chance(probability) ? value() : 0);
	const names = Object.keys(FAULTS) as Fault[];
	return {
		devices: random.between(3, 4),
		oneWriter: random.chance(0.25),
		deeds: random.between(20, 150),
		pace: random.pick([20, 100, 300, 1000]),
		tick: random.pick([1_000_000n, 4_000_000n, 10_000_000n]),
		sizes: random.chance(0.04) ? 'large' : 'small',
		intrusion: sometimes(0.5, () => random.pick([0.002, 0.02, 0.1])),
		weather: {
			delay: random.pick([2, 20, 200]),
			lost: sometimes(0.3, () => random.pick([0.02, 0.2])),
			answerLost: sometimes(0.4, () => random.pick([0.02, 0.2])),
			doubled: sometimes(0.3, () => random.pick([0.05, 0.3])),
		},
		eyes: {
			blind: sometimes(0.3, () => random.pick([0.05, 0.5, 1])),
			double: sometimes(0.2, () => 0.3),
			delay: random.pick([5, 50, 500]),
		},
		faults: names.filter(() => random.chance(0.2)),
		trouble: random.pick([1000, 4000]),
		store: random.chance(0.03) ? 'sqlite' : 'memory',
	};
}

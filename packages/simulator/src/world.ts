import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DataSchema } from '@mydropbox/data-server';
import { type NamespaceId, randomId, type UserId } from '@mydropbox/protocol';
import type { Database } from '@mydropbox/server-kit';
import { BEGINNING, Device, OWN, ROOT } from './device.ts';
import { type DeviceState, MemoryState, SqliteState } from './device-state.ts';
import type { Inode } from './disk/inode.ts';
import { FAULTS, type Swarm, swarmOf } from './faults.ts';
import { Ledger, type VersionKey, versionOf } from './ledger.ts';
import { Random } from './random.ts';
import { Scheduler } from './scheduler.ts';
import { SimServer } from './server.ts';
import { Trace } from './trace.ts';
import { begin, type Deed, visible } from './user.ts';

export interface WorldOptions {
	readonly seed: string;
	/** Its namespace is new in it. */
	readonly database: Database<DataSchema>;
	/** For the devices' databases; removed in the end. */
	readonly dir: string;
	readonly print?: ((line: string) => void) | undefined;
	/** The deeds, faults and intrusions that happen, by name; the others are left out. */
	readonly only?: ReadonlySet<string>;
	/** Faults that do not happen. */
	readonly without?: ReadonlySet<string>;
}

/** Thrown where an invariant of SPEC.md does not hold. */
export class Violation extends Error {
	readonly invariant: string;
	constructor(invariant: string, message: string) {
		super(`${invariant}: ${message}`);
		this.invariant = invariant;
	}
}

/** Everything there is, made of one seed. */
export class World {
	readonly seed: string;
	readonly scheduler = new Scheduler();
	readonly trace: Trace;
	readonly swarm: Swarm;
	readonly ledger = new Ledger();
	readonly devices: Device[] = [];
	readonly server: SimServer;
	readonly namespace: NamespaceId;
	readonly broken = new Set<Inode>();
	/** Names of the faults that happened. */
	readonly happened = new Set<string>();
	/** What there was of deeds, faults and intrusions. */
	readonly events: string[] = [];
	/** What users did, call by call. */
	operations = 0;
	#intrusions = 0;
	readonly #options: WorldOptions;
	readonly #schedule: Random;
	readonly #violations: Violation[] = [];
	/** Next steps of deeds under way, by device. */
	readonly #steps = new Map<Device, Set<() => void>>();
	/** The last version at each path that a user has left there. */
	readonly #lastAt = new Map<string, VersionKey>();
	readonly #intrusion = new Map<Device, Random>();
	#intruding = false;
	/** Nobody does anything any more. */
	#isOver = false;
	#directories = 0;

	constructor(options: WorldOptions) {
		const { seed, database } = options;
		this.#options = options;
		this.seed = seed;
		this.trace = new Trace(options.print);
		this.swarm = swarmOf(new Random(`${seed}/swarm`));
		this.#schedule = new Random(`${seed}/schedule`);
		const ids = new Random(`${seed}/ids`);
		const bytes = (size: number) => ids.bytes(size);
		this.namespace = randomId<NamespaceId>(bytes);
		const grant = {
			id: this.namespace,
			owner: randomId<UserId>(bytes),
			ownerName: 'ann',
			quota: 1e12,
			rights: 'write' as const,
		};
		this.server = new SimServer(database, grant, this.scheduler, () => new Date(BEGINNING + this.scheduler.now));
		for (let i = 0; i < this.swarm.devices; i++) {
			const device = this.#newDevice(`d${i}`);
			this.devices.push(device);
			this.#intrusion.set(device, new Random(`${seed}/intrusion/${device.name}`));
		}
	}

	#newDevice(name: string): Device {
		const { weather, eyes, tick } = this.swarm;
		return new Device({
			name,
			newState: () => this.#newState(),
			tick,
			server: this.server,
			scheduler: this.scheduler,
			random: (stream) => new Random(`${this.seed}/${stream}/${name}`),
			namespace: this.namespace,
			weather: { ...weather, cut: false },
			eyes: { ...eyes },
			note: (what) => this.note(what),
			intrude: (device) => this.#intrude(device),
			onPlaced: (device, path, inode) => this.#placed(device, path, inode),
			onDaemonChange: (device, call, path) => this.#daemonChanged(device, call, path),
			onPowerCut: (device, cut) => {
				const before = [...visible(device.disk, ROOT, '')].map(({ inode }) => versionOf(inode));
				this.#act(device, cut, false, true);
				this.#checkAfterPowerCut(device, before);
			},
			log: (device, text) => this.trace.remark(this.scheduler.now, `${device} ${text}`),
		});
	}

	#newState(): DeviceState {
		if (this.swarm.store === 'memory') return new MemoryState();
		return new SqliteState(() => join(this.#options.dir, this.seed, String(++this.#directories)));
	}

	note(what: string): void {
		this.trace.note(this.scheduler.now, what);
	}

	/** For whoever reads the trace. */
	remark(what: string): void {
		this.trace.remark(this.scheduler.now, what);
	}

	later(milliseconds: number, work: () => void): void {
		this.scheduler.after(milliseconds, work);
	}

	violated(invariant: string, message: string): void {
		this.#violations.push(new Violation(invariant, message));
		this.note(`VIOLATION ${invariant}: ${message}`);
	}

	/** Lets the world go on, and stops it where something is wrong. */
	async run(until: number, enough: () => boolean = () => false): Promise<boolean> {
		const done = await this.scheduler.run(until, () => this.#violations.length > 0 || enough());
		if (this.#violations[0]) throw this.#violations[0];
		return done;
	}

	/** From the first deed to the last; in the end everything works again. */
	async live(): Promise<void> {
		const { swarm, devices } = this;
		await this.server.open();
		for (const device of devices) this.later(this.#schedule.soon(500), () => device.start());
		const workload = new Random(`${this.seed}/workload`);
		let at = 0;
		for (let deed = 0; deed < swarm.deeds; deed++) {
			at += workload.soon(swarm.pace);
			const device = swarm.oneWriter ? devices[0]! : workload.pick(devices);
			if (this.#happens(`${device.name}.deed-${deed}`)) this.later(at, () => this.#begin(deed, device));
		}
		const end = at + 500;
		const possible = swarm.faults.filter((fault) => !this.#options.without?.has(fault));
		if (possible.length > 0) {
			let number = 0;
			const faults = new Random(`${this.seed}/faults`);
			for (let moment = faults.soon(swarm.trouble); moment < end; moment += faults.soon(swarm.trouble)) {
				const fault = faults.pick(possible);
				const device = faults.pick(devices);
				const name = `${device.name}.fault-${number++}`;
				if (!this.#happens(name)) continue;
				this.later(moment, () => {
					this.note(`${device.name} FAULT ${fault}`);
					this.happened.add(fault);
					this.trace.count(fault);
					FAULTS[fault](device, this, new Random(`${this.seed}/${name}`));
				});
			}
		}
		for (let moment = 5000; moment < end; moment += 5000) {
			this.later(moment, () => {
				for (const device of devices) device.disk.syncAll();
			});
		}
		await this.run(end);
		await this.run(end + 20_000);
		this.#heal();
	}

	#heal(): void {
		this.#isOver = true;
		this.note('everything works again');
		for (const inode of this.broken) inode.broken = null;
		for (const device of this.devices) {
			Object.assign(device.weather, { lost: 0, answerLost: 0, doubled: 0, cut: false });
			Object.assign(device.eyes, { blind: 0, double: 0 });
			device.full = false;
			device.dyingIn = undefined;
			if (!device.isMounted) device.mount();
			device.resume();
		}
	}

	/** Whether an event happens in this run; every one that could asks. */
	#happens(event: string): boolean {
		if (this.#options.only && !this.#options.only.has(event)) return false;
		this.events.push(event);
		return true;
	}

	#begin(number: number, device: Device): void {
		if (!device.isMounted) return;
		const random = new Random(`${this.seed}/deed/${number}`);
		let fresh = 0;
		const { name, deed } = begin({
			disk: device.disk,
			random,
			root: ROOT,
			act: (work, partial) => this.#act(device, work, partial ?? false),
			fresh: () => `${device.name}-${String(number).padStart(6, '0')}-${String(++fresh).padStart(2, '0')};`,
			sizes: this.swarm.sizes,
		});
		this.note(`${device.name} deed ${number} ${name}`);
		this.trace.count(`deed ${name}`);
		this.#step(device, deed, device.boots);
	}

	/** A program that meets what it did not expect gives up. */
	#step(device: Device, deed: Deed, boots: number): void {
		if (device.boots !== boots || !device.isMounted) return;
		let next: IteratorResult<number, void>;
		try {
			next = deed.next();
		} catch (error) {
			this.note(`${device.name} gives up: ${(error as Error).message}`);
			return;
		}
		if (next.done) return;
		const steps = this.#steps.get(device) ?? new Set();
		this.#steps.set(device, steps);
		const go = () => {
			if (!steps.delete(go)) return;
			this.#step(device, deed, boots);
		};
		steps.add(go);
		this.later(next.value, go);
	}

	/** Something that a user does at once; what came and went is written down. */
	#act(device: Device, work: () => void, partial: boolean, isPowerCut = false): void {
		if (!isPowerCut) this.operations++;
		const before = this.#versions(device);
		try {
			work();
		} finally {
			const after = this.#versions(device);
			for (const [key, place] of before) {
				if (!after.has(key)) this.#removed(device, key);
				else if (copies(after.get(key)!) < copies(place)) this.ledger.reduced(key, device.name);
				if (after.has(key) && after.get(key) !== place) this.ledger.touched(key, device.name);
			}
			for (const [key, path] of after) {
				if (before.get(key) === path) continue;
				// A version that a power cut brings back was written over by its user all the same.
				const isBack = isPowerCut && this.ledger.versions.has(key);
				if (isBack) this.ledger.touched(key, device.name);
				else if (!before.has(key)) this.ledger.wrote(key, device.name, this.scheduler.now, partial);
				this.note(`${device.name} user ${path} ${key.slice(0, 10)}${partial ? ' (half)' : ''}`);
			}
			this.#recordSuccession(device, after);
		}
	}

	/** What comes to a path where a user had something else before may well be a new version of that. */
	#recordSuccession(device: Device, after: ReadonlyMap<VersionKey, string>): void {
		for (const [key, places] of after) {
			for (const place of places.split(';').filter(Boolean)) {
				const path = `${device.name} ${place.replace(/ \d+ \d+$/, '')}`;
				const older = this.#lastAt.get(path);
				if (older !== undefined && older !== key) this.ledger.succeeded(older, key);
				this.#lastAt.set(path, key);
			}
		}
	}

	#removed(device: Device, key: VersionKey): void {
		this.ledger.removed(key, device.name);
		this.note(`${device.name} user removes ${key.slice(0, 10)}`);
	}

	/** Visible versions, each with everything that says where and how it is. Empty files are all alike and left out. */
	#versions(device: Device): Map<VersionKey, string> {
		const found = new Map<VersionKey, string>();
		for (const { path, inode } of visible(device.disk, ROOT, '.mydropbox')) {
			if (inode.kind === 'folder' || (inode.kind === 'file' && inode.bytes.length === 0)) continue;
			const key = versionOf(inode);
			found.set(key, `${found.get(key) ?? ''}${path} ${inode.mode.toString(8)} ${inode.mtime};`);
		}
		return found;
	}

	#intrude(device: Device): void {
		const { intrusion, oneWriter } = this.swarm;
		if (this.#intruding || intrusion === 0) return;
		const random = this.#intrusion.get(device)!;
		if (!random.chance(intrusion)) return;
		const number = this.#intrusions++;
		const [step] = this.#steps.get(device) ?? [];
		const isNew = !step && random.chance(0.3) && !this.#isOver && (!oneWriter || device === this.devices[0]);
		if ((!step && !isNew) || !this.#happens(`${device.name}.intrusion-${number}`)) return;
		this.#intruding = true;
		try {
			this.trace.count('intrusion');
			if (step) step();
			else this.#begin(FIRST_INTRUSION + number, device);
		} finally {
			this.#intruding = false;
		}
	}

	#placed(device: Device, path: string, inode: Inode): void {
		if (inode.kind !== 'file' || inode.bytes.length === 0) return;
		const version = this.ledger.versions.get(versionOf(inode));
		if (!version) this.violated('S2', `${device.name} shows bytes at ${path} that nobody ever wrote`);
		else if (
			version.partial &&
			version.removedOn.has(version.device) &&
			version.device !== device.name &&
			!this.swarm.faults.includes('clock-jump')
		) {
			this.violated('S2', `${device.name} shows at ${path} what a program on ${version.device} was still writing`);
		}
	}

	/** What programs had not synced may be torn, also where the daemon keeps it; what the daemon shows must be whole. */
	#checkAfterPowerCut(device: Device, before: readonly VersionKey[]): void {
		const { versions } = this.ledger;
		const after = new Set<VersionKey>();
		for (const { path, inode } of visible(device.disk, ROOT, '')) {
			if (inode.kind !== 'file') continue;
			const key = versionOf(inode);
			after.add(key);
			if (versions.has(key)) continue;
			if (inode.isDaemons && !path.startsWith(OWN))
				this.violated('S2', `after a power cut, ${device.name} shows at ${path} half of what its daemon had written`);
			if (inode.isDaemons) continue;
			this.ledger.wrote(key, device.name, this.scheduler.now, false);
			this.ledger.removed(key, device.name);
		}
		for (const key of before) if (!after.has(key)) this.ledger.removed(key, device.name);
	}

	#daemonChanged(device: Device, call: string, path: string): void {
		if (call === 'write' || call === 'truncate')
			this.violated('S2', `the daemon of ${device.name} writes into ${path}`);
		if (!this.writesAlone(device)) return;
		this.violated('S6', `the daemon of ${device.name}, the only writer, does ${call} ${path}`);
	}

	/** Whether nothing that others know could ever be news to this device. */
	writesAlone(device: Device): boolean {
		if (!this.swarm.oneWriter || device !== this.devices[0] || device.boots > 0) return false;
		return !this.happened.has('database-lost') && !this.happened.has('database-stale');
	}

	close(): void {
		for (const device of this.devices) device.crash();
		rmSync(join(this.#options.dir, this.seed), { recursive: true, force: true });
	}
}

/** Numbers of deeds that somebody does while the daemon works. */
const FIRST_INTRUSION = 100_000;

const copies = (places: string): number => places.split(';').length;

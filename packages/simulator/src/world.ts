import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DataSchema } from '@mydropbox/data-server';
import { type NamespaceId, randomId, type UserId } from '@mydropbox/protocol';
import type { Database } from '@mydropbox/server-kit';
import { Commits } from './commits.ts';
import { Device } from './device.ts';
import { type DeviceState, MemoryState, SqliteState } from './device-state.ts';
import type { DiskKind } from './disk/disk-kinds.ts';
import type { Inode } from './disk/inode.ts';
import type { Effect } from './effects.ts';
import { FAULTS, type Fault, heal, type Swarm, swarmOf } from './faults.ts';
import { Ledger } from './ledger.ts';
import { FEW_DELETES } from './life.ts';
import { People } from './people.ts';
import { BEGINNING } from './places.ts';
import { Random } from './random.ts';
import { Scheduler } from './scheduler.ts';
import { planGarbage } from './server/garbage.ts';
import { MemoryData } from './server/memory-data.ts';
import { SimServer } from './server/server.ts';
import { SqlData } from './server/sql-data.ts';
import { Story } from './story.ts';
import { Trace } from './trace.ts';
import { Violation } from './violation.ts';
import { Wishes } from './wishes.ts';
import { Witness } from './witness.ts';

export interface WorldOptions {
	readonly seed: string;
	/** Its namespace is new in it. */
	readonly database: Database<DataSchema>;
	/** For the devices' databases; removed in the end. */
	readonly dir: string;
	readonly print?: ((line: string) => void) | undefined;
	/** The deeds, faults and intrusions that happen, by name; the others are left out. */
	readonly only?: ReadonlySet<string>;
	/** Where the server keeps what it knows, if not where the seed says. The world is the same. */
	readonly serverStore?: Swarm['serverStore'];
	/** Faults that do not happen. */
	readonly without?: ReadonlySet<string>;
}

/** Everything there is, made of one seed. */
export class World {
	readonly seed: string;
	readonly scheduler = new Scheduler();
	readonly trace: Trace;
	readonly swarm: Swarm;
	readonly ledger = new Ledger();
	readonly witness: Witness;
	readonly devices: Device[] = [];
	readonly story: Story | undefined;
	readonly server: SimServer;
	readonly namespace: NamespaceId;
	readonly broken = new Set<Inode>();
	/** Names of the faults that happened; `undo` when a user took a mass delete back. */
	readonly happened = new Set<string>();
	/** What there was of deeds, faults and intrusions. */
	readonly events: string[] = [];
	readonly #options: WorldOptions;
	readonly #people: People;
	readonly #wishes: Wishes;
	readonly #answers: Random;
	readonly #violations: Violation[] = [];
	/** Devices on which somebody said yes to a mass delete. */
	readonly #confirmed = new Set<string>();
	#directories = 0;

	constructor(options: WorldOptions) {
		const { seed, database } = options;
		this.#options = options;
		this.seed = seed;
		this.trace = new Trace(options.print);
		this.swarm = swarmOf(seed);
		this.#answers = new Random(`${seed}/answers`);
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
		const now = () => new Date(BEGINNING + this.scheduler.now);
		const epochs = new Random(`${seed}/epochs`);
		const data =
			(options.serverStore ?? this.swarm.serverStore) === 'sqlite'
				? new SqlData(database, grant, now)
				: new MemoryData(grant, (size) => epochs.bytes(size));
		const { note, count, later, swarm, ledger } = this;
		const commits = new Commits({
			ledger,
			violated: (invariant, message) => this.violated(invariant, message),
			isUnknown: () => this.happened.has('server-restored'),
			mayForget: (device) => this.#mayForget(device),
			asksFrom: swarm.deletesAll ? FEW_DELETES.files : undefined,
			hasConfirmed: (device) => this.#confirmed.has(device),
		});
		this.server = new SimServer(data, grant, { scheduler: this.scheduler, now, commits });
		this.story = swarm.isStory ? new Story(this.devices) : undefined;
		this.witness = new Witness({
			ledger,
			story: this.story,
			note,
			count,
			now: () => this.scheduler.now,
			violated: (invariant, message) => this.violated(invariant, message),
			writesAlone: (device) => this.writesAlone(device),
			forgets: () => this.happened.has('database-lost') || this.happened.has('database-stale'),
			clocksJump: swarm.faults.includes('clock-jump'),
		});
		this.#people = new People({
			seed,
			swarm,
			note,
			count,
			later,
			witness: this.witness,
			countDeed: (name) => this.trace.count(`deed ${name}`),
			happens: this.#happens,
			writer: () => (swarm.oneWriter ? this.devices[0] : undefined),
		});
		const { devices, witness } = this;
		this.#wishes = new Wishes({ seed, devices, witness, note, count, happens: this.#happens, later });
		for (const [index, kind] of swarm.disks.entries()) this.devices.push(this.#newDevice(`d${index}`, kind));
	}

	#newDevice(name: string, diskKind: DiskKind): Device {
		const { weather, eyes, tick, diskAhead, deletesAll, skips, portions } = this.swarm;
		const { witness } = this;
		return new Device({
			name,
			newState: () => this.#newState(),
			tick,
			diskAhead,
			diskKind,
			asksSoon: deletesAll,
			portions,
			skips,
			server: this.server,
			scheduler: this.scheduler,
			random: (stream) => new Random(`${this.seed}/${stream}/${name}`),
			namespace: this.namespace,
			weather: { ...weather, cut: null },
			eyes: { ...eyes },
			note: this.note,
			count: this.count,
			intrude: (device, call, path) => this.#people.intrude(device, call, path),
			onPlaced: (device, path, inode) => witness.placed(device, path, inode),
			onDaemonChange: (device, call, path) => witness.daemonChanged(device, call, path),
			onDeath: (device, unrecorded) => this.story?.died(device, unrecorded),
			onPowerCut: (device, cut) => witness.powerCut(device, cut),
			log: (device, text) => this.remark(`${device} ${text}`),
		});
	}

	#newState(): DeviceState {
		if (this.swarm.store === 'memory') return new MemoryState();
		return new SqliteState(() => join(this.#options.dir, this.seed, String(++this.#directories)));
	}

	readonly note = (what: string): void => {
		this.trace.note(this.scheduler.now, what);
	};

	readonly count = (effect: Effect): void => {
		this.trace.count(effect);
	};

	readonly later = (milliseconds: number, work: () => void): void => {
		this.scheduler.after(milliseconds, work);
	};

	/** For whoever reads the trace. */
	remark(what: string): void {
		this.trace.remark(this.scheduler.now, what);
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
		await this.server.data.open();
		const schedule = new Random(`${this.seed}/schedule`);
		for (const device of this.devices) this.later(schedule.soon(500), () => device.start());
		const end = this.#planDeeds() + 500;
		this.#planFaults(end);
		if (!this.#options.without?.has('garbage')) planGarbage(this, end, this.#happens);
		if (!this.story) this.#wishes.plan(end);
		for (let moment = 5000; moment < end; moment += 5000) {
			this.later(moment, () => {
				for (const device of this.devices) device.disk.syncAll();
			});
		}
		await this.run(end + 20_000);
		this.#heal();
	}

	/** @returns when the last one begins. */
	#planDeeds(): number {
		const { swarm, devices } = this;
		const workload = new Random(`${this.seed}/workload`);
		let at = 0;
		for (let deed = 0; deed < swarm.deeds; deed++) {
			at += workload.soon(swarm.pace);
			const device = swarm.oneWriter ? devices[0]! : workload.pick(devices);
			if (this.#happens(`${device.name}.deed-${deed}`)) this.later(at, () => this.#people.begin(deed, device));
		}
		return at;
	}

	#planFaults(end: number): void {
		const { faults: kinds, trouble } = this.swarm;
		const faults = new Random(`${this.seed}/faults`);
		for (
			let number = 0, at = faults.soon(trouble);
			kinds.length > 0 && at < end;
			number++, at += faults.soon(trouble)
		) {
			const fault = faults.pick(kinds);
			const device = faults.pick(this.devices);
			const name = `${device.name}.fault-${number}`;
			if (this.#options.without?.has(fault) || !this.#happens(name)) continue;
			this.later(at, () => {
				this.note(`${device.name} FAULT ${fault}`);
				this.happened.add(fault);
				void FAULTS[fault](device, this, new Random(`${this.seed}/${name}`));
			});
		}
	}

	#heal(): void {
		this.#people.rest();
		this.note('everything works again');
		heal(this.devices, this.broken);
	}

	/** Whether a device may no longer know what it has agreed on, or its disk shows what was there before. */
	#mayForget(name: string): boolean {
		const hasLost = this.hadWishes || this.happened.has('undo') || FORGETFUL.some((fault) => this.happened.has(fault));
		return hasLost || this.devices.some((device) => device.name === name && device.boots > 0);
	}

	/** A device that holds a mass delete back asks a person. */
	answerQuestions(): void {
		for (const device of this.devices) {
			if (!device.status()?.heldDeletes) continue;
			const answer = this.#answers.pick(['confirm', 'undo'] as const);
			this.note(`${device.name} user answers ${answer}`);
			this.count(answer);
			if (answer === 'undo') this.happened.add('undo');
			else this.#confirmed.add(device.name);
			device.answer(answer);
		}
	}

	/** What people did not want to be in step shall be again. @returns whether there was anything left of it. */
	takeWishesBack(): boolean {
		return this.#wishes.takeBack();
	}

	/** Whether people have wanted anything not to be in step. */
	get hadWishes(): boolean {
		return this.#wishes.any;
	}

	/** Whether an event happens in this run; every one that could asks. */
	readonly #happens = (event: string): boolean => {
		if (this.#options.only && !this.#options.only.has(event)) return false;
		this.events.push(event);
		return true;
	};

	/** Whether nothing that others know could ever be news to this device. */
	writesAlone(device: Device): boolean {
		if (!this.swarm.oneWriter || device !== this.devices[0] || device.boots > 0 || this.hadWishes) return false;
		return !this.happened.has('undo') && !FORGETFUL.some((fault) => this.happened.has(fault));
	}

	close(): void {
		for (const device of this.devices) device.crash();
		rmSync(join(this.#options.dir, this.seed), { recursive: true, force: true });
	}
}

/** Faults after which a device, or the server, no longer knows what it once said. */
const FORGETFUL: readonly Fault[] = ['database-lost', 'database-stale', 'server-restored'];

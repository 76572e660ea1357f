import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterwards } from './cleanup.ts';
import { type Finished, runProgram } from './process.ts';
import { isAlive } from './processes.ts';
import type { Person, Product } from './product.ts';
import { until } from './until.ts';

export const CLI = resolve(import.meta.dirname, '../../../client/bin/mydropbox.mjs');

/** What `mydropbox status --json` promises. */
export interface DeviceStatus {
	readonly pid: number | null;
	readonly state: string;
	readonly filesToGo: number;
	readonly bytesToGo: number;
	/** Why the server cannot be reached. */
	readonly offline: string | null;
	readonly problems: ReadonlyArray<{ path: string; reason: string; nextStep: string }>;
	readonly bytesSent: number;
	readonly bytesReceived: number;
}

interface DevicePlaces {
	readonly home?: string;
	readonly folder?: string;
}

/** One installation of the daemon, used only through its command line and its folder, like a person would. */
export class Device {
	readonly name: string;
	readonly home: string;
	readonly folder: string;

	/** @param directory for both; each may also be somewhere else. */
	constructor(name: string, directory: string, places: DevicePlaces = {}) {
		this.name = name;
		this.home = places.home ?? join(directory, 'home');
		this.folder = places.folder ?? join(directory, 'myDropbox');
	}

	/** A path in the synced folder. */
	path(...names: string[]): string {
		return join(this.folder, ...names);
	}

	/** `mydropbox …` to its end, whatever that is. */
	async try(args: readonly string[], input?: string): Promise<Finished> {
		return runProgram([CLI, '--home', this.home, ...args], input === undefined ? {} : { input });
	}

	/** `mydropbox …`, which has to succeed. */
	async run(args: readonly string[], input?: string): Promise<string> {
		const { code, stdout, stderr } = await this.try(args, input);
		if (code !== 0)
			throw new Error(`mydropbox ${args.join(' ')} on ${this.name} ended with ${code}:\n${stdout}\n${stderr}`);
		return stdout;
	}

	async login({ site }: Product, { username, password }: Person): Promise<void> {
		const where = ['--server', site, '--username', username, '--folder', this.folder, '--device', this.name];
		await this.run(['login', ...where, '--password-stdin'], `${password}\n`);
	}

	async start(): Promise<void> {
		await this.run(['start']);
	}

	async stop(): Promise<void> {
		await this.run(['stop']);
	}

	async status(): Promise<DeviceStatus> {
		const { stdout, stderr } = await this.try(['status', '--json']);
		if (!stdout) throw new Error(`No status of ${this.name}: ${stderr}`);
		return JSON.parse(stdout) as DeviceStatus;
	}

	/** Resolves when the daemon says that everything is up to date. */
	async upToDate(seconds = 120): Promise<void> {
		await this.run(['status', '--wait', '--timeout', String(seconds)]);
	}

	/** SIGKILL, as if the machine had lost its power; resolves when the daemon is gone. */
	async kill(): Promise<void> {
		const { pid } = await this.status();
		if (pid === null) throw new Error(`The daemon of ${this.name} is not running.`);
		process.kill(pid, 'SIGKILL');
		await until('the daemon is gone', () => !isAlive(pid));
	}
}

/** A device with an empty home; after the test its daemon is stopped and its files are gone. */
export async function newDevice(name: string, Kind = Device, places?: DevicePlaces): Promise<Device> {
	const directory = await mkdtemp(join(tmpdir(), `mydropbox-${name}-`));
	const device = new Kind(name, directory, places);
	afterwards(async () => {
		await device.try(['stop']);
		await rm(directory, { recursive: true, force: true });
	});
	return device;
}

/** A device that is signed in and syncing. */
export async function startDevice(name: string, product: Product, person: Person): Promise<Device> {
	const device = await newDevice(name);
	await device.login(product, person);
	await device.start();
	return device;
}

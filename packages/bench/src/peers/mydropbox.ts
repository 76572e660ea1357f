import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Machine } from '../machines/machine.ts';
import type { Installation, Peer, Site } from './peer.ts';

const PACKAGES = resolve(import.meta.dirname, '../../..');
const STANDALONE = join(PACKAGES, 'standalone/src/main.ts');
const CLI = join(PACKAGES, 'client/bin/mydropbox.mjs');
const PORTS = { web: 8710, route: 8711, data: 8712 };
const USER = { username: 'bench', password: 'correct horse battery staple' };
/** A user's usual quota is smaller than the largest workloads; and there is room for a crowd of users. */
const QUOTA = 100 * 2 ** 30;
const CAPACITY = 100 * QUOTA;

const SETTINGS = '`npm start` on the server and a daemon on A and on B, all with their default settings';

export const mydropbox: Peer = {
	name: 'MyDropbox',
	settings: SETTINGS,
	carries: { times: true, executables: true },
	ownNames: ['.mydropbox'],
	version,
	open: (site) => open(site, 'sqlite'),
};

export function version(): string {
	const { version } = JSON.parse(readFileSync(resolve(PACKAGES, '../package.json'), 'utf8'));
	return version;
}

/** @param database as the setting of `npm start`. */
export async function open({ network, folderA, folderB, store, home }: Site, database: string): Promise<Installation> {
	const { a, server, b } = network;
	const flags = { data: store, host: server.address, database, quota: QUOTA, capacity: CAPACITY };
	const ports = Object.entries(PORTS).map(([name, port]) => `--${name}-port=${port}`);
	const args = [...Object.entries(flags).map(([name, value]) => `--${name}=${value}`), ...ports];
	const servers = server.start(process.execPath, [STANDALONE, ...args], { env: nodeOptions() });
	const devices = [new Device(a, folderA, join(home, 'a')), new Device(b, folderB, join(home, 'b'))] as const;
	const close = async () => {
		await Promise.all(devices.map((device) => device.cli(['stop']).catch(() => {})));
		await servers.stop();
	};
	const site = `http://${server.address}:${PORTS.web}`;
	try {
		await servers.says(/^MyDropbox is ready: \S+$/m);
		const account = ['--server', site, '--username', USER.username, '--password-stdin'];
		await devices[0].cli(['signup', ...account, '--email', 'bench@example.org'], `${USER.password}\n`);
		for (const device of devices) await device.login(account);
	} catch (error) {
		await close();
		throw error;
	}
	const [deviceA, deviceB] = devices;
	return {
		isContinuous: true,
		joining: { site, ...USER },
		carry: async () => {},
		recheck: () => deviceA.settle(),
		restart: async () => {
			await deviceA.cli(['stop']);
			await deviceA.cli(['start']);
			while ((await deviceA.state()) !== 'up-to-date') await sleep(5);
		},
		quiet: async () => {
			await deviceA.settle();
			await deviceB.settle();
		},
		close,
	};
}

/** For a profile: `BENCH_NODE_OPTIONS="--cpu-prof --cpu-prof-dir=/tmp/profile" npm run bench -- …`. */
const nodeOptions = (): Record<string, string> => {
	const options = process.env.BENCH_NODE_OPTIONS;
	return options ? { NODE_OPTIONS: options } : {};
};

/** One installation of the daemon. */
class Device {
	readonly #machine: Machine;
	readonly #folder: string;
	readonly #home: string;

	constructor(machine: Machine, folder: string, home: string) {
		this.#machine = machine;
		this.#folder = folder;
		this.#home = home;
	}

	async cli(args: readonly string[], input?: string): Promise<void> {
		const options = { env: nodeOptions(), ...(input !== undefined && { input }) };
		await this.#machine.run(process.execPath, [CLI, '--home', this.#home, ...args], options);
	}

	async login(account: readonly string[]): Promise<void> {
		const device = ['--folder', this.#folder, '--device', this.#machine.name];
		await this.cli(['login', ...account, ...device], `${USER.password}\n`);
		await this.cli(['start']);
		await this.settle();
	}

	/** What `mydropbox status --wait` asks, without the start of a command. */
	async settle(): Promise<void> {
		await this.#ask('POST', '/settle');
	}

	async state(): Promise<string> {
		return (await this.#ask('GET', '/status')).state;
	}

	async #ask(method: string, path: string): Promise<{ state: string }> {
		const { promise, resolve, reject } = Promise.withResolvers<{ state: string }>();
		const socketPath = join(this.#home, 'daemon.sock');
		request({ socketPath, method, path, agent: false }, (response) => {
			text(response).then((body) => resolve(JSON.parse(body)), reject);
		})
			.on('error', reject)
			.end();
		return promise;
	}
}

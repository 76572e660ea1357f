import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { listDataServers, openCentral } from '@mydropbox/central';
import { BoundedLog } from './bounded-log.ts';
import { DataDirectory } from './data-directory.ts';
import { choosePorts, type Ports } from './ports.ts';
import { Service } from './service.ts';
import { type Plan, planServices, type ServiceSpec } from './services.ts';
import type { StandaloneConfig } from './settings.ts';

/** Data servers announce themselves as soon as they are ready; this is for a machine that is very busy. */
const ANNOUNCED_WITHIN_MS = 30_000;

export interface Running {
	readonly ports: Ports;
	readonly directory: DataDirectory;
}

/** Starts every server of an installation, keeps them running, and stops them. */
export class Supervisor {
	readonly #config: StandaloneConfig;
	readonly #tell: (message: string) => void;
	readonly #logs: BoundedLog[] = [];
	/** In the order in which they were started. */
	readonly #services: Service[] = [];
	#directory: DataDirectory | undefined;
	#stopped: Promise<void> | undefined;

	constructor(config: StandaloneConfig, tell: (message: string) => void) {
		this.#config = config;
		this.#tell = tell;
	}

	/**
	 * Resolves when people can use it.
	 * @throws StartupError that says what is in the way; call `stop` then, too.
	 */
	async start(): Promise<Running> {
		const directory = new DataDirectory(this.#config.data);
		this.#directory = directory;
		const installation = directory.settle(this.#config);
		const ports = await choosePorts(this.#config, installation.dataServers, directory.wasKilled);
		const plan = planServices(this.#config, directory, installation, ports);
		// The first one makes the tables of the central database.
		await this.#startService(plan.route, directory);
		await Promise.all([plan.web, ...plan.data].map((spec) => this.#startService(spec, directory)));
		await this.#announced(plan);
		return { ports, directory };
	}

	async #startService(spec: ServiceSpec, directory: DataDirectory): Promise<void> {
		if (this.#stopped) return;
		const log = new BoundedLog(join(directory.logs, `${spec.name}.log`));
		this.#logs.push(log);
		const service = new Service(spec, log, this.#tell);
		this.#services.push(service);
		await service.start();
	}

	/** Until the central database knows the data servers, nobody can sign up. */
	async #announced({ central: url, data }: Plan): Promise<void> {
		const central = await openCentral({ url });
		try {
			const deadline = Date.now() + ANNOUNCED_WITHIN_MS;
			while (Date.now() < deadline && !this.#stopped) {
				const known = await listDataServers(central);
				const available = known.filter((server) => server.available).map((server) => String(server.id));
				if (data.every(({ name }) => available.includes(name))) return;
				await sleep(50);
			}
			this.#tell('Not every data server has announced itself yet; sign-ups have to wait for one.');
		} finally {
			await central.close();
		}
	}

	get isStopping(): boolean {
		return this.#stopped !== undefined;
	}

	/** Lets every server finish what is in flight. Resolves when nothing is left running; once, however often it is called. */
	stop(): Promise<void> {
		this.#stopped ??= this.#stopAll();
		return this.#stopped;
	}

	async #stopAll(): Promise<void> {
		// The route-server goes last, so that the data servers can say goodbye to it.
		const [route, ...others] = this.#services;
		await Promise.all(others.map((service) => service.stop()));
		await route?.stop();
		for (const log of this.#logs) log.close();
		this.#directory?.release();
	}

	/** For those who cannot wait. */
	kill(): void {
		for (const service of this.#services) service.kill();
	}
}

import * as fs from 'node:fs';
import type { NodeId } from '@mydropbox/protocol';
import { pino } from 'pino';
import { SyncEngine } from '../../src/control/engine.ts';
import { type Machine, thisMachine } from '../../src/control/machine.ts';
import type { EngineStatus } from '../../src/daemon/engine.ts';
import { excludedFile } from '../../src/daemon/excluded-file.ts';
import type { Disk } from '../../src/fs/jobs/index.ts';
import type { Fs } from '../../src/fs/port.ts';
import { directDisk } from './direct-disk.ts';
import { FakeServer } from './fake-server.ts';
import { type Drawing, TestFolder } from './folder.ts';
import { NAMESPACE } from './ids.ts';

/** A real engine on a real folder, with a server in memory. It finds out what happened when it is asked to settle. */
export class RunningEngine {
	readonly at = new TestFolder();
	readonly server = new FakeServer();
	readonly excludedFile = excludedFile(`${this.at.dir}/excluded.json`);
	disk: Fs = thisMachine.fs;
	#engine: SyncEngine | undefined;
	/** Of the engine that was started last. */
	#life = { isDead: false };

	constructor(drawing: Drawing = {}) {
		fs.rmSync(this.at.path('.mydropbox'), { recursive: true });
		this.at.draw(drawing);
	}

	async start(clock = thisMachine.clock): Promise<void> {
		this.#life = { isDead: false };
		const machine: Machine = {
			...thisMachine,
			clock,
			newDisk: () => this.#newDisk(),
			newWatcher: () => ({ start: async () => undefined, close: async () => undefined }),
		};
		const { folder, dir: stateDir } = this.at;
		const traffic = { bytesSent: 0, bytesReceived: 0 };
		const log = pino({ level: 'silent' });
		const { server } = this;
		const { excludedFile } = this;
		const account = { deviceName: 'laptop', namespace: NAMESPACE, server };
		const options = { folder, stateDir, excludedFile, ...account, traffic, log };
		this.#engine = new SyncEngine(options, machine);
		await this.#engine.start();
	}

	#newDisk(): Disk {
		const disk = directDisk(this.disk);
		const life = this.#life;
		const run: Disk['run'] = async (...job) => {
			const result = await disk.run(...job);
			return life.isDead ? new Promise(() => undefined) : result;
		};
		return { ...disk, run };
	}

	/** In the middle of a job: what it has done to the disk stays, and nobody ever hears of it. */
	die(): void {
		this.#life.isDead = true;
		void this.engine.stop();
	}

	get engine(): SyncEngine {
		return this.#engine!;
	}

	settled(): Promise<EngineStatus> {
		return this.engine.settled(AbortSignal.timeout(20_000));
	}

	/** As when the database is lost. */
	loseState(): void {
		for (const name of fs.readdirSync(this.at.dir)) {
			if (name.startsWith('state.db')) fs.rmSync(`${this.at.dir}/${name}`);
		}
	}

	async stop(): Promise<void> {
		await this.#engine?.stop();
	}

	async remove(): Promise<void> {
		await this.stop();
		this.at.remove();
	}

	idOf(path: string): NodeId {
		return this.server.idOf(path)!;
	}
}

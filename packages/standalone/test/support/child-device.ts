import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { askDaemon, type DaemonStatus, Home } from '@mydropbox/client';
import { afterwards } from './cleanup.ts';
import { Device } from './device.ts';

/** Daemons are started so often that compiling them would be half of the work. */
const COMPILED = join(tmpdir(), `mydropbox-compiled-${process.getuid?.()}`);
const DAEMON = resolve(import.meta.dirname, '../../../client/src/daemon/main.ts');

/** A device whose daemon is a child of the test and is asked without the command line: both take no time. */
export class ChildDevice extends Device {
	readonly #home: Home;
	#child: ChildProcess | undefined;
	#ended: Promise<NodeJS.Signals | null> | undefined;

	constructor(...args: ConstructorParameters<typeof Device>) {
		super(...args);
		this.#home = new Home(this.home);
		afterwards(() => this.end('SIGKILL'));
	}

	/** Changes what is in its config; the daemon reads it when it starts. */
	configure(changes: object): void {
		const config = JSON.parse(readFileSync(this.#home.config, 'utf8'));
		writeFileSync(this.#home.config, JSON.stringify({ ...config, ...changes }));
	}

	/** What runs as the daemon, and its settings. */
	protected get program(): { script: string; env: NodeJS.ProcessEnv } {
		return { script: DAEMON, env: {} };
	}

	/** Resolves when the daemon works, or has ended with SIGKILL. */
	override async start(): Promise<void> {
		const { script, env } = this.program;
		const child = spawn(process.execPath, [script, this.home], {
			env: { ...process.env, NODE_COMPILE_CACHE: COMPILED, ...env },
			stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
		});
		this.#child = child;
		this.#ended = once(child, 'exit').then(([, signal]) => signal as NodeJS.Signals | null);
		const told = await Promise.race([once(child, 'message').then(([message]) => message), this.#ended]);
		if (told !== 'SIGKILL' && told?.type !== 'ready')
			throw new Error(`The daemon of ${this.name} did not start: ${JSON.stringify(told)}`);
	}

	/** Resolves when the daemon is up to date, or was killed. */
	async settled(): Promise<'settled' | 'died'> {
		const status = await Promise.race([this.#ask('POST /settle'), this.#ended?.then(() => undefined)]);
		if (!status) {
			if ((await this.#ended) === 'SIGKILL') return 'died';
			throw new Error(`The daemon of ${this.name} ended by itself; its log is in ${this.#home.logs}.`);
		}
		if (status.state !== 'up-to-date') throw new Error(`${this.name} is not up to date: ${JSON.stringify(status)}`);
		return 'settled';
	}

	async pause(): Promise<void> {
		await this.#ask('POST /pause');
	}

	async resume(): Promise<void> {
		await this.#ask('POST /resume');
	}

	async end(signal: NodeJS.Signals): Promise<void> {
		this.#child?.kill(signal);
		await this.#ended;
	}

	#ask(what: Parameters<typeof askDaemon>[1]): Promise<DaemonStatus | undefined> {
		return askDaemon(this.#home, what);
	}
}

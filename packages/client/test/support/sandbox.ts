import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { ExitCode } from '../../src/cli/cli.ts';
import { main } from '../../src/cli/main.ts';
import { Terminal } from '../../src/cli/terminal.ts';
import type { CreateEngine } from '../../src/daemon/engine.ts';
import { Home } from '../../src/daemon/home.ts';
import { takeLock } from '../../src/daemon/lock.ts';

export interface Ran {
	readonly code: ExitCode;
	readonly out: string;
	readonly err: string;
}

/** A directory of its own with homes and folders in it, and commands that run there. */
export class Sandbox {
	readonly dir = mkdtempSync(join(tmpdir(), 'mydropbox-client-'));
	readonly home = new Home(join(this.dir, 'home'));
	readonly folder = join(this.dir, 'folder');
	readonly #loadEngine: () => Promise<CreateEngine>;

	constructor(loadEngine: () => Promise<CreateEngine> = () => Promise.reject(new Error('no engine in this test'))) {
		this.#loadEngine = loadEngine;
	}

	/** Runs a command as if it had been typed, with this sandbox's home unless `env` says otherwise. */
	async run(command: string, { input, env = {} }: { input?: string; env?: Record<string, string> } = {}): Promise<Ran> {
		const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
		stdin.end(input ?? '');
		const code = await main(command.split(' '), {
			terminal: new Terminal(stdin, stdout, stderr),
			env: { MYDROPBOX_HOME: this.home.dir, ...env },
			daemonScript: fileURLToPath(new URL('./fake-daemon.ts', import.meta.url)),
			loadEngine: this.#loadEngine,
		});
		return { code, out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') };
	}

	async remove(): Promise<void> {
		await this.run('stop');
		rmSync(this.dir, { recursive: true, force: true });
	}

	isRunning(): boolean {
		const free = takeLock(this.home.lock);
		free?.();
		return free === undefined;
	}
}

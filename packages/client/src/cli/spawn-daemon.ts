import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import module from 'node:module';
import { dirname } from 'node:path';
import type { Home } from '../daemon/home.ts';
import type { StartMessage } from '../daemon/process.ts';
import { UserError } from '../daemon/user-error.ts';

const DEADLINE_MS = 60_000;
/**
 * A daemon stays for weeks beside people's own work: it collects garbage when its heap has grown by half, not fourfold; but
 * not as long as there are only a few megabytes of it, of which each half more would be another collection. When it has
 * nothing to do, it collects what is left (../idle-memory.ts).
 */
const NODE_FLAGS = [
	'--heap-growing-percent=50',
	'--initial-old-space-size=32',
	'--max-semi-space-size=8',
	'--expose-gc',
];
/** Of glibc: one pool for all threads. With one for each, buffers that another thread frees are kept for nobody: a quarter more. */
const ONE_POOL = { MALLOC_ARENA_MAX: '1' };

/** Starts a daemon that outlives this process and its terminal. Resolves when it works, rejects with why it does not. */
export async function spawnDaemon(home: Home, script: string): Promise<void> {
	const output = openSync(home.output, 'w', 0o600);
	const child = spawn(process.execPath, [...NODE_FLAGS, script, home.dir], {
		detached: true,
		stdio: ['ignore', output, output, 'ipc'],
		cwd: home.dir,
		env: { ...ONE_POOL, ...process.env, ...compiled() },
		windowsHide: true,
	});
	closeSync(output);
	try {
		await started(child, home);
	} finally {
		if (child.connected) child.disconnect();
		child.unref();
	}
}

/** What this process has compiled already, so that neither the daemon nor its threads need a compiler: 40 MB less. */
function compiled(): NodeJS.ProcessEnv {
	const directory = module.getCompileCacheDir();
	return directory === undefined ? {} : { NODE_COMPILE_CACHE: dirname(directory) };
}

function started(child: ChildProcess, home: Home): Promise<void> {
	const { promise, resolve, reject } = Promise.withResolvers<void>();
	const timer = setTimeout(() => {
		reject(new UserError('The daemon takes long to start; it goes on trying.', `Its log is ${home.log}.`));
	}, DEADLINE_MS);
	child.on('message', (message: StartMessage) => {
		if (message.type === 'ready') resolve();
		else reject(new UserError(message.message, message.nextStep));
	});
	const ended = (code: number | null, signal: string | null) => {
		const said = readFileSync(home.output, 'utf8').trim();
		const how = signal ?? `code ${code}`;
		reject(new UserError(`The daemon ended while it started (${how}). ${said}`, `Its log is ${home.log}.`));
	};
	child.on('exit', ended);
	child.on('error', reject);
	return promise.finally(() => {
		clearTimeout(timer);
		child.off('exit', ended);
	});
}

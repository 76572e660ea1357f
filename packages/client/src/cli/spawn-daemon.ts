import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import type { Home } from '../daemon/home.ts';
import type { StartMessage } from '../daemon/process.ts';
import { UserError } from '../daemon/user-error.ts';

const DEADLINE_MS = 60_000;

/** Starts a daemon that outlives this process and its terminal. Resolves when it works, rejects with why it does not. */
export async function spawnDaemon(home: Home, script: string): Promise<void> {
	const output = openSync(home.output, 'w', 0o600);
	const child = spawn(process.execPath, [script, home.dir], {
		detached: true,
		stdio: ['ignore', output, output, 'ipc'],
		cwd: home.dir,
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

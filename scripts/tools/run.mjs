import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Runs a program on this terminal and resolves with its exit code, as a shell would count it. Signals are handed on,
 * also those that the terminal has already sent to both: a program that is asked twice to stop must not mind.
 * The IPC channel tells a program that listens to it when this process is gone.
 */
export function run(command, args, { cwd = ROOT, env = process.env, ipc = false, quiet = false, shell = false } = {}) {
	const stdio = ['inherit', quiet ? 'ignore' : 'inherit', 'inherit', ...(ipc ? ['ipc'] : [])];
	const child = spawn(command, args, { cwd, env, stdio, shell });
	const handOn = (signal) => child.kill(signal);
	const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
	for (const signal of signals) process.on(signal, handOn);
	return new Promise((resolve, reject) => {
		child.once('error', reject);
		child.once('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal]));
	}).finally(() => {
		for (const signal of signals) process.off(signal, handOn);
	});
}

/** Ends the script with a message for the person in front of it, without a stack. */
export class Failure extends Error {}

/** The one place where a script ends. */
export async function main(body) {
	endWithNpm();
	try {
		process.exitCode = await body(process.argv.slice(2));
	} catch (error) {
		console.error(error instanceof Failure ? error.message : error);
		process.exitCode = 1;
	}
}

/** npm runs scripts through a shell, which dies of a SIGTERM without handing it on. */
function endWithNpm() {
	if (!process.env.npm_lifecycle_event) return;
	const shell = process.ppid;
	const watch = setInterval(() => {
		if (process.ppid === shell) return;
		clearInterval(watch);
		process.kill(process.pid, 'SIGTERM');
	}, 100);
	watch.unref();
}

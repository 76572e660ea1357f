#!/usr/bin/env node
// Plain JavaScript for any Node: it finds one that is new enough for the rest.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath } from 'node:url';

const NODE_FLOOR = 24;

if (Number(process.versions.node.split('.')[0]) >= NODE_FLOOR) {
	// Nearly halves the time that a command takes to start.
	module.enableCompileCache();
	await import('../src/cli/run.ts');
} else {
	const local = ['../node_modules/.bin/node', '../../../node_modules/.bin/node']
		.map((path) => fileURLToPath(new URL(path, import.meta.url)))
		.find(existsSync);
	if (!local) {
		console.error(
			`MyDropbox needs Node.js ${NODE_FLOOR} or newer; this is ${process.version}.\nRun "npm ci" in the clone, which brings it.`,
		);
		process.exit(1);
	}
	const child = spawn(local, process.argv.slice(1), { stdio: 'inherit' });
	// Ctrl-C reaches the child by itself, as it is in the terminal's foreground group; the others are passed on.
	process.on('SIGINT', () => {});
	for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
	child.on('exit', (code, signal) => {
		if (!signal) process.exit(code ?? 1);
		process.removeAllListeners(signal);
		process.kill(process.pid, signal);
	});
}

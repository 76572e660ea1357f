// npm start: installs and builds what is missing, then starts every service. Runs on Node 18 without dependencies.
import { pathToFileURL } from 'node:url';
import { prepare } from './tools/install.mjs';
import { buildPortal } from './tools/portal.mjs';
import { main, ROOT, run } from './tools/run.mjs';

const SUPERVISOR = `${ROOT}packages/standalone/src/main.ts`;

await main(async (flags) => {
	const node = await prepare();
	await buildPortal(node);
	if (node !== process.execPath) return run(node, [SUPERVISOR, ...flags], { ipc: true, cwd: process.cwd() });
	// New enough: this very process becomes the supervisor.
	await import(pathToFileURL(SUPERVISOR));
	return process.exitCode;
});

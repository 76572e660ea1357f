import { resolve } from 'node:path';
import { cleanUp } from './support/cleanup.ts';
import { Program } from './support/process.ts';
import { processes } from './support/processes.ts';
import { prepareProduct } from './support/product.ts';
import { until } from './support/until.ts';

const ROOT = resolve(import.meta.dirname, '../../..');

afterEach(cleanUp, 60_000);

it('npm start ends with everything it started at SIGTERM, though its shell does not hand it on', async () => {
	const product = await prepareProduct();
	const npm = new Program(['start', '--prefix', ROOT, '--', ...product.flags], { command: 'npm' });
	await npm.says(/^MyDropbox is ready: \S+$/m);
	expect((await fetch(`${product.site}/healthz`)).status).toBe(200);
	await npm.end('SIGTERM');
	await until('nothing is left', () => !processes().some(({ command }) => command.includes(product.data)));
}, 120_000);

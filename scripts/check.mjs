// npm run check: types, lint and format, import law. All three run, so that one look shows all there is to mend.
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { prepare } from './tools/install.mjs';
import { main, ROOT, run } from './tools/run.mjs';

const CHECKS = [
	{ name: 'types', command: ['typescript/bin/tsc', '-p', '.'] },
	{ name: 'lint and format', command: ['@biomejs/biome/bin/biome', 'check', '--error-on-warnings'] },
	{
		name: 'import law',
		command: ['dependency-cruiser/bin/dependency-cruiser.mjs', '--config', '.dependency-cruiser.mjs', ...sources()],
	},
];

/** @returns the names of the checks that failed */
export async function check(node) {
	const failed = [];
	for (const { name, command } of CHECKS) {
		console.log(`Checking ${name} …`);
		const [program, ...args] = command;
		if ((await run(node, [`${ROOT}node_modules/${program}`, ...args])) !== 0) failed.push(name);
	}
	return failed;
}
export const CHECK_COUNT = CHECKS.length;

function sources() {
	return readdirSync(`${ROOT}packages`)
		.flatMap((name) => ['src', 'test', 'bin'].map((part) => `packages/${name}/${part}`))
		.filter((path) => existsSync(ROOT + path));
}

if (fileURLToPath(import.meta.url) === process.argv[1]) {
	await main(async () => {
		const failed = await check(await prepare());
		console.log(failed.length === 0 ? 'All checks passed.' : `Failed: ${failed.join(', ')}.`);
		return failed.length === 0 ? 0 : 1;
	});
}

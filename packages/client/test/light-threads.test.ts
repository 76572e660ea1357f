import { execFileSync } from 'node:child_process';

const LIST_MODULES = `
import { registerHooks } from 'node:module';
const loaded = [];
registerHooks({
	load: (url, context, next) => {
		loaded.push(url);
		return next(url, context);
	},
});
await import(process.argv[1]);
console.log(JSON.stringify(loaded));
`;

test('a disk thread loads no library: each would have 20 MB of its own for the schemas of what travels', () => {
	const jobs = new URL('../src/fs/serve-jobs.ts', import.meta.url).href;
	const output = execFileSync(process.execPath, ['--input-type=module', '--eval', LIST_MODULES, jobs], {
		encoding: 'utf8',
	});
	const loaded: string[] = JSON.parse(output);
	expect(loaded).toContain(jobs);
	expect(loaded.filter((url) => url.includes('/node_modules/'))).toEqual([]);
});

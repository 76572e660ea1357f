// npm run mutants -- [--only NAMES] [--seeds N] [--minutes N] [--write]: takes one guard after the other away; some world or test must notice.
import { prepare } from './tools/install.mjs';
import { main, ROOT, run } from './tools/run.mjs';

await main(async (args) => {
	const node = await prepare();
	const code = await run(node, [`${ROOT}packages/simulator/src/mutants/main.ts`, ...args]);
	const format = ['format', '--write', `${ROOT}docs/reliability.md`];
	if (args.includes('--write')) await run(node, [`${ROOT}node_modules/@biomejs/biome/bin/biome`, ...format]);
	return code;
});

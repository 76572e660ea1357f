// npm run mutants -- [--only NAMES] [--seeds N] [--minutes N] [--write]: takes one guard after the other away; some world or test must notice.
import { prepare } from './tools/install.mjs';
import { main, ROOT, run } from './tools/run.mjs';

await main(async (args) => {
	const node = await prepare();
	return run(node, [`${ROOT}packages/simulator/src/mutants/main.ts`, ...args]);
});

// npm run sim -- --seeds N [--seed S]: worlds made of seeds, with the real daemon and the real server logic in them.
import { prepare } from './tools/install.mjs';
import { main, ROOT, run } from './tools/run.mjs';

await main(async (args) => {
	const node = await prepare();
	return run(node, ['--disable-warning=ExperimentalWarning', `${ROOT}packages/simulator/src/main.ts`, ...args]);
});

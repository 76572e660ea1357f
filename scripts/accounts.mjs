// npm run accounts -- --task list|create|new-password: what whoever runs the servers does to accounts.
import { prepare } from './tools/install.mjs';
import { main, ROOT, run } from './tools/run.mjs';

await main(async (args) => {
	const node = await prepare();
	const flags = ['--disable-warning=ExperimentalWarning', `${ROOT}packages/web-server/src/accounts.ts`];
	return run(node, [...flags, ...args], { cwd: process.cwd() });
});

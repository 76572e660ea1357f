// npm run bench: measures MyDropbox beside what people would pick instead. `npm run bench -- --help` says what there is.
import { prepare } from './tools/install.mjs';
import { installBenchPrograms } from './tools/programs.mjs';
import { main, ROOT, run } from './tools/run.mjs';

await main(async (args) => {
	const node = await prepare();
	if (args[0]?.startsWith('-') !== false) await installBenchPrograms();
	return run(node, [`${ROOT}packages/bench/src/main.ts`, ...args]);
});

// npm run bench: measures on this machine; `npm run bench -- NAME` runs one workload.
import { prepare } from './tools/install.mjs';
import { main, ROOT, run } from './tools/run.mjs';

await main(async (names) => run(await prepare(), [`${ROOT}packages/bench/src/main.ts`, ...names]));

import { chunkSizes } from './chunk-sizes.ts';

const WORKLOADS: Record<string, () => void | Promise<void>> = { 'chunk-sizes': chunkSizes };

const chosen = process.argv.slice(2);
for (const name of chosen.length > 0 ? chosen : Object.keys(WORKLOADS)) {
	const workload = WORKLOADS[name];
	if (!workload) {
		console.error(`There is no workload "${name}". There are: ${Object.keys(WORKLOADS).join(', ')}.`);
		process.exit(2);
	}
	console.log(`## ${name}\n`);
	await workload();
}

import { chunkSizes } from './chunk-sizes.ts';
import { compare } from './compare.ts';
import { enterOwnNetwork } from './machines/network.ts';
import { HELP, readOptions, UsageError } from './options.ts';

async function main(args: readonly string[]): Promise<number> {
	if (args[0] === 'chunk-sizes') {
		chunkSizes();
		return 0;
	}
	const options = readOptions(args);
	if (!options) {
		console.log(HELP);
		return 0;
	}
	return (await enterOwnNetwork()) ?? compare(options);
}

try {
	process.exitCode = await main(process.argv.slice(2));
} catch (error) {
	console.error(error instanceof UsageError ? `${error.message}\n\n${HELP}` : error);
	process.exitCode = error instanceof UsageError ? 2 : 1;
}

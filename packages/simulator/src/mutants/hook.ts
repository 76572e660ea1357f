import { registerHooks } from 'node:module';
import { MUTANTS } from './list.ts';
import { mutated } from './mutant.ts';

/** To be imported before anything else: what is loaded from now on has the guard of MUTANT taken away. */
const mutant = MUTANTS.find(({ name }) => name === process.env.MUTANT);
if (mutant) {
	registerHooks({
		load(url, context, nextLoad) {
			const loaded = nextLoad(url, context);
			if (!url.endsWith(`/packages/${mutant.file}`)) return loaded;
			return { ...loaded, source: mutated(String(loaded.source), mutant) };
		},
	});
}

import { registerHooks } from 'node:module';
import { taken } from './taken.ts';

/** To be imported before anything else: what is loaded from now on has the guard of MUTANT taken away. */
registerHooks({
	load(url, context, nextLoad) {
		const loaded = nextLoad(url, context);
		if (!url.includes('/packages/') || !url.endsWith('.ts')) return loaded;
		return { ...loaded, source: taken(String(loaded.source), url) };
	},
});

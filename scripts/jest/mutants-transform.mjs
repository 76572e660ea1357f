import swc from '@swc/jest';
import { taken } from '../../packages/simulator/src/mutants/taken.ts';

/** Jest's own cache keeps what it is given here apart, as the text is another. */
export default {
	createTransformer(options) {
		const inner = swc.createTransformer(options);
		const changed = (call) => (source, path, more) => inner[call]?.(taken(source, path), path, more);
		return {
			...inner,
			process: changed('process'),
			processAsync: changed('processAsync'),
			getCacheKey: changed('getCacheKey'),
		};
	},
};

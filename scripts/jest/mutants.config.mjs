import { resolve } from 'node:path';
import base from '../../jest.config.js';

/** The house's tests, with the guard of MUTANT taken away in what they load. */
const [[files, [, swc]]] = Object.entries(base.transform);
export default {
	...base,
	rootDir: resolve(import.meta.dirname, '../..'),
	transform: { [files]: [resolve(import.meta.dirname, 'mutants-transform.mjs'), swc] },
};

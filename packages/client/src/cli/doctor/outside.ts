import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { nodeFs } from '../../fs/node-fs.ts';
import type { Outside } from './patient.ts';

const orElse = <T>(look: () => T, otherwise: T): T => {
	try {
		return look();
	} catch {
		return otherwise;
	}
};

export const thisOutside = (env: Outside['env']): Outside => ({
	platform: process.platform,
	nodeVersion: process.version,
	uid: process.getuid?.(),
	env,
	now: () => Date.now(),
	readText: (path) => orElse(() => readFileSync(path, 'utf8'), undefined),
	list: (path) => orElse(() => readdirSync(path), []),
	linkTarget: (path) => orElse(() => readlinkSync(path), undefined),
	ownerOf: (path) => orElse(() => statSync(path).uid, undefined),
	fs: nodeFs,
});

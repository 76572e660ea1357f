import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PRIVATE_FOLDER } from '../../scan/private-folder.ts';
import { enoughFor, INSTANCES, raise, WATCHES } from '../../watch/limits.ts';
import { number } from '../format.ts';
import { type Finding, ok, problem, warning } from './finding.ts';
import { watchesInUse } from './inotify-use.ts';
import type { Check, SignedIn } from './patient.ts';

/** One watch per folder, of which Linux gives each user so many. */
export const watches: Check<SignedIn> = async ({ config: { folder }, outside, status }) => {
	const limit = (key: string) => Number(outside.readText(`/proc/sys/${key.replaceAll('.', '/')}`) ?? Number.NaN);
	if (Number.isNaN(limit(WATCHES))) return ok('this system has no limit');
	const folders = await countFolders(folder);
	const used = watchesInUse(outside, (await status())?.pid ?? undefined);
	return judgeWatches({ folders, limit: limit(WATCHES), instances: limit(INSTANCES), ...used });
};

export interface WatchUse {
	readonly folders: number;
	/** Watches, and inotify instances, that this user may have. */
	readonly limit: number;
	readonly instances: number;
	/** What other programs of this user have of each, as far as we may see. */
	readonly others: number;
	readonly otherInstances: number;
}

export function judgeWatches({ folders, limit, instances, others, otherInstances }: WatchUse): Finding {
	const found = `${number(folders)} folders to watch, ${number(limit)} watches allowed, ${number(others)} in use by other programs`;
	const means = 'Changes in some folders are found only by looking at everything, every 30 seconds.';
	if (otherInstances >= instances) {
		return problem(
			`other programs have all ${number(instances)} inotify instances that this user may have`,
			means,
			raise(INSTANCES, instances * 4),
		);
	}
	const free = limit - others;
	if (folders > free) return problem(found, means, raise(WATCHES, enoughFor(folders + others)));
	if (folders * 2 > free) {
		const soon = 'When there are twice as many folders, changes in some of them are found late.';
		return warning(found, soon, raise(WATCHES, enoughFor(folders + others)));
	}
	return ok(found);
}

async function countFolders(dir: string): Promise<number> {
	let count = 1;
	const entries = await readdir(dir, { withFileTypes: true }).catch(() => []);
	for (const entry of entries) {
		if (entry.isDirectory() && entry.name !== PRIVATE_FOLDER) count += await countFolders(join(dir, entry.name));
	}
	return count;
}

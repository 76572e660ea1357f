import { crowd, polls } from './crowd.ts';
import { insert } from './insert.ts';
import { large } from './large.ts';
import { latency } from './latency.ts';
import { nothing } from './nothing.ts';
import { overwrite } from './overwrite.ts';
import { rename } from './rename.ts';
import { changeInMillion, hundredThousand, million, nothingAmongMany, tenThousand, thousand } from './scale.ts';
import { slowLines } from './slow-lines.ts';
import { small } from './small.ts';
import { sourceTree } from './source-tree.ts';
import type { Workload } from './workload.ts';

/**
 * What shares one installation, in order. The rename is by itself and late: tools that copy also delete 10,000 files
 * for it, and for minutes after that ext4 is slow to make new ones.
 */
export const GROUPS: readonly (readonly Workload[])[] = [
	[small, nothing, latency],
	[large, insert, overwrite],
	[slowLines],
	[sourceTree],
	[crowd, polls],
	[thousand],
	[tenThousand],
	[hundredThousand, nothingAmongMany],
	[million, changeInMillion],
	[rename],
];

export const WORKLOADS: readonly Workload[] = GROUPS.flat();

import { DatabaseUrl, HistoryDays } from '@mydropbox/server-kit';
import { z } from 'zod';

/** Settings that the server and its maintenance have in common. */
export const STORE_SETTINGS = {
	database: {
		schema: DatabaseUrl,
		help: "this data server's own database: sqlite:PATH or mysql://user:password@host:port/name",
		example: 'url',
		secret: true,
	},
	blocks: {
		schema: z.string().min(1),
		help: 'where the blocks are kept: a directory, or s3://BUCKET/PREFIX?endpoint=URL&region=NAME',
		example: 'directory|s3://…',
	},
	state: {
		schema: z.string().min(1).nullable().default(null),
		help: 'directory of this machine for its lock and its keys, with the blocks in a bucket',
		example: 'directory',
	},
} as const;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What the collector of garbage goes by. */
export const GARBAGE_SETTINGS = {
	gcGrace: {
		schema: z.coerce.number().min(1).max(10_000).default(24),
		help: 'hours that an uploaded block waits for the commit that names it',
		example: 'hours',
	},
	historyDays: HistoryDays,
} as const;

export const garbageSettings = ({ gcGrace, historyDays }: { gcGrace: number; historyDays: number }) => ({
	graceMs: gcGrace * HOUR_MS,
	historyMs: historyDays * DAY_MS,
});

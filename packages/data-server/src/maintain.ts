import { type Config, createLog, defineSettings, Flag, readConfig, StartupError } from '@mydropbox/server-kit';
import { z } from 'zod';
import { rebuildIndex, scrub } from './blocks/repair.ts';
import { collectGarbage } from './gc/collect.ts';
import { atOnce } from './gc/pace.ts';
import { beginNewEpochs } from './journal/namespaces.ts';
import { openStore, type Store } from './server.ts';
import { GARBAGE_SETTINGS, garbageSettings, STORE_SETTINGS } from './settings.ts';

/**
 * What an administrator does to a data server that is stopped:
 * node packages/data-server/src/maintain.ts --task scrub --database URL --blocks DIRECTORY
 */
const log = createLog('data-server-maintenance');

const OPTIONS = defineSettings({
	...STORE_SETTINGS,
	...GARBAGE_SETTINGS,
	/** What the server was told is not known here, and the usual 30 days may be too few: it has to be said. */
	historyDays: { ...GARBAGE_SETTINGS.historyDays, schema: GARBAGE_SETTINGS.historyDays.schema.unwrap().optional() },
	dryRun: { schema: Flag.default(false), help: 'gc only: yes, to be told what would go', example: 'yes|no' },
});

type Task = (store: Store, options: Config<typeof OPTIONS>) => Promise<unknown>;

const TASKS = {
	/** After the database was lost or restored from a backup: find all blocks that the directory holds. */
	'rebuild-index': ({ database, storage }) => rebuildIndex(database.db, storage, log),
	/** Read everything and mark what is damaged. */
	scrub: ({ database, storage }) => scrub(database.db, storage, log),
	/** After the database was restored from a backup: clients then merge, and delete nothing. */
	'new-epoch': ({ database }) => beginNewEpochs(database.db),
	/** What the server does by itself now and then: forget the past, and give back the space of what nothing names. */
	gc: ({ database: { db }, storage }, { dryRun, gcGrace, historyDays }) => {
		if (historyDays === undefined)
			throw new StartupError('--history-days is missing: say the same as the server has, or more of the past goes.', {
				exitCode: 2,
			});
		const now = () => new Date();
		return collectGarbage({
			db,
			storage,
			log,
			now,
			pause: atOnce,
			dryRun,
			...garbageSettings({ gcGrace, historyDays }),
		});
	},
} satisfies Record<string, Task>;

const settings = defineSettings({
	...OPTIONS,
	task: {
		schema: z.enum(Object.keys(TASKS) as [keyof typeof TASKS, ...(keyof typeof TASKS)[]]),
		help: 'rebuild-index and new-epoch after the database was restored from a backup; scrub to verify every block; gc to collect garbage',
		example: 'task',
	},
});

try {
	const config = readConfig(
		'mydropbox-data-server-maintenance',
		'Mends or verifies the store of a data server that is stopped.',
		settings,
		process.argv.slice(2),
		process.env,
	);
	const store = await openStore(config);
	try {
		log.info({ task: config.task, result: await (TASKS[config.task] as Task)(store, config) }, 'done');
	} finally {
		await store.close();
	}
} catch (error) {
	if (!(error instanceof StartupError)) throw error;
	process.stderr.write(`${error.message}\n`);
	process.exitCode = error.exitCode;
}

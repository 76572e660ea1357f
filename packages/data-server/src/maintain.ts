import { createLog, defineSettings, readConfig, StartupError } from '@mydropbox/server-kit';
import { z } from 'zod';
import { rebuildIndex, scrub } from './blocks/repair.ts';
import { beginNewEpochs } from './journal/namespaces.ts';
import { openStore, type Store } from './server.ts';
import { STORE_SETTINGS } from './settings.ts';

/**
 * What an administrator does to a data server that is stopped:
 * node packages/data-server/src/maintain.ts --task scrub --database URL --blocks DIRECTORY
 */
const log = createLog('data-server-maintenance');

const TASKS = {
	/** After the database was lost or restored from a backup: find all blocks that the directory holds. */
	'rebuild-index': ({ database, storage }: Store) => rebuildIndex(database.db, storage, log),
	/** Read everything and mark what is damaged. */
	scrub: ({ database, storage }: Store) => scrub(database.db, storage, log),
	/** After the database was restored from a backup: clients then merge, and delete nothing. */
	'new-epoch': ({ database }: Store) => beginNewEpochs(database.db),
};

const settings = defineSettings({
	...STORE_SETTINGS,
	task: {
		schema: z.enum(Object.keys(TASKS) as [keyof typeof TASKS, ...(keyof typeof TASKS)[]]),
		help: 'rebuild-index and new-epoch after the database was restored from a backup; scrub to verify every block',
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
		log.info({ task: config.task, result: await TASKS[config.task](store) }, 'done');
	} finally {
		await store.close();
	}
} catch (error) {
	if (!(error instanceof StartupError)) throw error;
	process.stderr.write(`${error.message}\n`);
	process.exitCode = error.exitCode;
}

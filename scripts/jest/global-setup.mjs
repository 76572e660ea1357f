// One MariaDB for the whole test run. Jest imports this file outside its transform: Node itself strips the types.
import { constants } from 'node:os';
import { startMariaDb } from '../../packages/testkit/src/mariadb.ts';

const SHARED_MYSQL = 'MYDROPBOX_TEST_MYSQL';

export default async function setUp() {
	endInOrder();
	if (process.env[SHARED_MYSQL]) return;
	const mariaDb = await startMariaDb();
	process.env[SHARED_MYSQL] = mariaDb.url('');
	globalThis.sharedMariaDb = mariaDb;
}

/** A signal would end jest without telling anybody; the database ends when the process exits in order. */
function endInOrder() {
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
		process.once(signal, () => process.exit(128 + constants.signals[signal]));
	}
}

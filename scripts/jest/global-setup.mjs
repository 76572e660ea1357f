// One MariaDB for the whole test run. Jest imports this file outside its transform: Node itself strips the types.
import { startMariaDb } from '../../packages/testkit/src/mariadb.ts';

const SHARED_MYSQL = 'MYDROPBOX_TEST_MYSQL';

export default async function setUp() {
	if (process.env[SHARED_MYSQL]) return;
	const mariaDb = await startMariaDb();
	process.env[SHARED_MYSQL] = mariaDb.url('');
	globalThis.sharedMariaDb = mariaDb;
}

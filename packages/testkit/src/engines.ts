import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type MariaDb, startMariaDb } from './mariadb.ts';

/** Address of the MariaDB that a whole test run shares, ending in "/"; set by jest's global setup. */
export const SHARED_MYSQL = 'MYDROPBOX_TEST_MYSQL';

export interface EngineUnderTest {
	readonly name: 'sqlite' | 'mysql';
	/** Address of a database that does not exist yet. Call it inside a hook or a test. */
	freshUrl(): string;
}

/** The whole suite once on SQLite and once on a real MariaDB. Without a shared one it starts its own. */
export function describeEachEngine(title: string, suite: (engine: EngineUnderTest) => void): void {
	describe(`${title} on SQLite`, () => {
		const directory = mkdtempSync(join(tmpdir(), 'mydropbox-test-'));
		afterAll(() => rmSync(directory, { recursive: true, force: true }));
		suite({ name: 'sqlite', freshUrl: () => `sqlite:${join(directory, freshName())}.sqlite` });
	});
	describe(`${title} on MariaDB`, () => {
		let own: MariaDb | undefined;
		beforeAll(async () => {
			if (!process.env[SHARED_MYSQL]) own = await startMariaDb();
		}, 120_000);
		afterAll(() => own?.stop());
		suite({ name: 'mysql', freshUrl: () => own?.url(freshName()) ?? process.env[SHARED_MYSQL] + freshName() });
	});
}

const freshName = (): string => `test_${randomBytes(8).toString('hex')}`;

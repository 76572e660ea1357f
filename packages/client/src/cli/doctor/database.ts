import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { databaseFile } from '../../state/sqlite/file.ts';
import { SCHEMA_VERSION } from '../../state/sqlite/schema.ts';
import { type Finding, ok, problem } from './finding.ts';
import type { Check, SignedIn } from './patient.ts';

/** What the device remembers; losing it costs time and no file. */
export const database: Check<SignedIn> = ({ home, command }) => {
	const file = databaseFile(home.state);
	if (!existsSync(file)) return ok('none yet; the first start makes it');
	const anew = `Run: ${command('stop')}; move ${file} away; ${command('start')}. It is made anew by comparing the folder with the server; nothing is deleted by that.`;
	try {
		const db = new DatabaseSync(file, { readOnly: true, timeout: 2000 });
		try {
			return judge(db, file, anew);
		} finally {
			db.close();
		}
	} catch (error) {
		return problem(`${file} cannot be read: ${(error as Error).message}`, 'The daemon does not start.', anew);
	}
};

function judge(db: DatabaseSync, file: string, anew: string): Finding {
	const { user_version: version } = db.prepare('pragma user_version').get() as { user_version: number };
	if (version > SCHEMA_VERSION) {
		return problem(
			`it was written by a newer MyDropbox (version ${version}; this one knows ${SCHEMA_VERSION})`,
			'The daemon does not start.',
			'Update MyDropbox on this device.',
		);
	}
	const { quick_check: said } = db.prepare('pragma quick_check(1)').get() as { quick_check: string };
	if (said !== 'ok') return problem(`${file} is damaged: ${said}`, 'What the daemon remembers may be wrong.', anew);
	return ok(version < SCHEMA_VERSION ? 'of an older version; the next start brings it up to date' : 'readable');
}

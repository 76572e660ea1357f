import { fileURLToPath } from 'node:url';
import { DEFAULT_QUOTA_BYTES } from '@mydropbox/protocol';
import { openDatabase } from '@mydropbox/server-kit';
import type { Kysely } from 'kysely';
import type { CentralSchema } from './schema.ts';
import { KeyRing } from './signing-keys.ts';

/** Everything that a route- or web-server knows is in the database behind this; several servers share it. */
export interface Central {
	readonly db: Kysely<CentralSchema>;
	readonly keys: KeyRing;
	/** Milliseconds since 1970. */
	readonly now: () => number;
	/** Bytes that a new user gets. */
	readonly quota: number;
	/** Whether anybody may make an account. */
	readonly signUps: 'open' | 'closed';
	close(): Promise<void>;
}

export interface CentralOptions {
	/** Where the database is; see server-kit's `DatabaseUrl`. */
	url: string;
	now?: () => number;
	quota?: number;
	signUps?: Central['signUps'];
	/** Refuses a database that is missing, instead of making it. */
	mustExist?: boolean;
	onWaiting?: (message: string) => void;
}

const SQL_DIRECTORY = fileURLToPath(new URL('../../../sql/central', import.meta.url));

/** @throws StartupError that says why the database cannot be used. */
export async function openCentral(options: CentralOptions): Promise<Central> {
	const { now = Date.now, quota = DEFAULT_QUOTA_BYTES, signUps = 'open', url, mustExist, onWaiting } = options;
	const database = await openDatabase<CentralSchema>({
		url,
		sqlDir: SQL_DIRECTORY,
		...(mustExist !== undefined && { mustExist }),
		...(onWaiting && { onWaiting }),
	});
	const keys = await KeyRing.open(database.db, now);
	return { db: database.db, keys, now, quota, signUps, close: database.close };
}

/** For `/readyz`. */
export async function pingCentral({ db }: Central): Promise<void> {
	await db.selectFrom('SigningKeys').select('Generation').limit(1).execute();
}

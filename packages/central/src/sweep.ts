import type { Central } from './central.ts';

/** Forgets what time has made meaningless: ended sessions and links, and limits that are full again. */
export async function sweep({ db, now }: Central): Promise<void> {
	await db.deleteFrom('Sessions').where('ExpiresAt', '<=', now()).execute();
	await db.deleteFrom('Links').where('EndsAt', '<=', now()).execute();
	await db.deleteFrom('RateLimits').where('FullAt', '<=', now()).execute();
}

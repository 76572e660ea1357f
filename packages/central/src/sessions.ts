import { randomBytes } from 'node:crypto';
import { ApiError, type DeviceId, type UserId } from '@mydropbox/protocol';
import type { Kysely } from 'kysely';
import type { Central } from './central.ts';
import type { Device } from './devices.ts';
import type { CentralSchema } from './schema.ts';
import { hashSecret, newSecret } from './secrets.ts';

/** A session that is not used for this long ends. */
export const SESSION_MS = 30 * 24 * 3600_000;
/** How exact that is; more would write to the database with every click. */
const EXTEND_EVERY_MS = 3600_000;

/** What history calls a change that was made in the browser. */
const DEVICE_NAME = 'website';

export async function createSession({ db, now }: Central, user: UserId): Promise<{ token: string; expiresAt: number }> {
	const token = newSecret();
	const expiresAt = now() + SESSION_MS;
	await db
		.insertInto('Sessions')
		.values({
			TokenHash: hashSecret(token),
			UserId: Buffer.from(user, 'hex'),
			DeviceId: randomBytes(16),
			CreatedAt: now(),
			ExpiresAt: expiresAt,
		})
		.execute();
	return { token, expiresAt };
}

/** @throws ApiError `not-signed-in` when it has ended. */
export async function sessionDevice({ db, now }: Central, token: string): Promise<Device> {
	const hash = hashSecret(token);
	const row = await db.selectFrom('Sessions').selectAll().where('TokenHash', '=', hash).executeTakeFirst();
	if (!row || row.ExpiresAt <= now())
		throw new ApiError('not-signed-in', 'You are not signed in any more; sign in again.');
	if (row.ExpiresAt < now() + SESSION_MS - EXTEND_EVERY_MS) {
		await db
			.updateTable('Sessions')
			.set({ ExpiresAt: now() + SESSION_MS })
			.where('TokenHash', '=', hash)
			.execute();
	}
	return {
		id: row.DeviceId.toString('hex') as DeviceId,
		user: row.UserId.toString('hex') as UserId,
		name: DEVICE_NAME,
	};
}

/** Doing it twice is no error. */
export async function endSession({ db }: Central, token: string): Promise<void> {
	await db.deleteFrom('Sessions').where('TokenHash', '=', hashSecret(token)).execute();
}

/** All sessions of a user. @param but the token of one that goes on. */
export async function endSessions(db: Kysely<CentralSchema>, user: UserId, but?: string): Promise<void> {
	const all = db.deleteFrom('Sessions').where('UserId', '=', Buffer.from(user, 'hex'));
	await (but === undefined ? all : all.where('TokenHash', '!=', hashSecret(but))).execute();
}

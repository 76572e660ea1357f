import { randomBytes } from 'node:crypto';
import { ApiError, type DeviceId, type UserId } from '@mydropbox/protocol';
import type { Central } from './central.ts';
import { hashSecret, newSecret } from './secrets.ts';

/** An installation of the daemon, or a session of the website that stands for one. */
export interface Device {
	readonly id: DeviceId;
	readonly user: UserId;
	readonly name: string;
}

/** How exact "last seen" is; more would write to the database each time a device gets a token. */
const SEEN_EVERY_MS = 10 * 60_000;

/** Signs a device in. The refresh token is in no database and cannot be shown again. */
export async function addDevice(
	{ db, now }: Central,
	user: UserId,
	name: string,
): Promise<{ device: Device; refreshToken: string }> {
	const refreshToken = newSecret();
	const id = randomBytes(16);
	await db
		.insertInto('Devices')
		.values({
			DeviceId: id,
			UserId: Buffer.from(user, 'hex'),
			Name: name,
			RefreshTokenHash: hashSecret(refreshToken),
			CreatedAt: now(),
			LastSeenAt: now(),
		})
		.execute();
	return { device: { id: id.toString('hex') as DeviceId, user, name }, refreshToken };
}

/** @throws ApiError `not-signed-in` when the token was never given out or its device was signed out. */
export async function deviceByRefreshToken({ db, now }: Central, refreshToken: string): Promise<Device> {
	const hash = hashSecret(refreshToken);
	const row = await db.selectFrom('Devices').selectAll().where('RefreshTokenHash', '=', hash).executeTakeFirst();
	if (!row) {
		throw new ApiError(
			'not-signed-in',
			'This device is not signed in any more. Run "mydropbox login" again; no file is lost.',
		);
	}
	if (row.LastSeenAt < now() - SEEN_EVERY_MS) {
		await db.updateTable('Devices').set({ LastSeenAt: now() }).where('DeviceId', '=', row.DeviceId).execute();
	}
	return {
		id: row.DeviceId.toString('hex') as DeviceId,
		user: row.UserId.toString('hex') as UserId,
		name: row.Name,
	};
}

/** Those of a user that are signed in, without sessions of the website; seen last first. Moments in milliseconds since 1970. */
export async function devicesOf(
	{ db }: Central,
	user: UserId,
): Promise<(Device & { connectedAt: number; lastSeenAt: number })[]> {
	const rows = await db
		.selectFrom('Devices')
		.select(['DeviceId', 'Name', 'CreatedAt', 'LastSeenAt'])
		.where('UserId', '=', Buffer.from(user, 'hex'))
		.orderBy('LastSeenAt', 'desc')
		.orderBy('DeviceId')
		.execute();
	return rows.map(({ DeviceId: id, Name: name, CreatedAt: connectedAt, LastSeenAt: lastSeenAt }) => ({
		...{ id: id.toString('hex') as DeviceId, user, name },
		...{ connectedAt, lastSeenAt },
	}));
}

/** Signs the device out; access tokens that it still has end within 15 minutes. Doing it twice is no error. */
export async function removeDevice({ db }: Central, device: DeviceId): Promise<void> {
	await db.deleteFrom('Devices').where('DeviceId', '=', Buffer.from(device, 'hex')).execute();
}

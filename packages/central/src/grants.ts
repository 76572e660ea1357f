import {
	ACCESS_TOKEN_SECONDS,
	type AccessClaims,
	ApiError,
	type DeviceId,
	type NamespaceId,
	type UserId,
} from '@mydropbox/protocol';
import { UnknownSigningKey, verifyAccessToken } from '@mydropbox/server-kit';
import { SignJWT } from 'jose';
import type { Central } from './central.ts';
import { type DataServer, dataServer } from './data-servers.ts';
import type { Device } from './devices.ts';
import type { Link } from './links.ts';

/** Access to the namespaces of one data server. */
export interface Grant {
	readonly dataServer: DataServer;
	readonly token: string;
	/** Seconds. */
	readonly expiresIn: number;
	readonly namespaces: readonly { id: NamespaceId; kind: 'root' | 'shared'; rights: 'read' | 'write' }[];
}

/** What the device's user may open, one grant per data server, the one with the root namespace first. */
export async function grantAccess(central: Central, device: Device): Promise<Grant[]> {
	const memberships = await central.db
		.selectFrom('Members')
		.innerJoin('Namespaces', 'Namespaces.NamespaceId', 'Members.NamespaceId')
		.innerJoin('Users', 'Users.UserId', 'Namespaces.OwnerId')
		.select(['Namespaces.NamespaceId', 'Kind', 'Rights', 'OwnerId', 'Username', 'Quota', 'DataServerId'])
		.where('Members.UserId', '=', Buffer.from(device.user, 'hex'))
		.orderBy('Kind')
		.orderBy('Namespaces.NamespaceId')
		.execute();
	const byServer = Map.groupBy(memberships, (row) => row.DataServerId);
	return Promise.all(
		[...byServer].map(async ([serverId, rows]) => {
			const namespaces = rows.map((row) => ({
				id: row.NamespaceId.toString('hex') as NamespaceId,
				owner: row.OwnerId.toString('hex') as UserId,
				ownerName: row.Username,
				quota: row.Quota,
				rights: row.Rights,
			}));
			return {
				dataServer: await dataServer(central, serverId),
				token: await sign(central, device, serverId, { namespaces }),
				expiresIn: ACCESS_TOKEN_SECONDS,
				namespaces: rows.map((row, index) => ({
					id: namespaces[index]?.id as NamespaceId,
					kind: row.Kind,
					rights: row.Rights,
				})),
			};
		}),
	);
}

/**
 * What a link leads to, for reading. The token says so to the data server, which lets nobody out of it.
 * @throws ApiError `not-found` when the link has ended meanwhile.
 */
export async function grantBelow(
	central: Central,
	{ id, user, namespace, node }: Link,
): Promise<{ dataServer: DataServer; token: string; owner: string }> {
	const row = await central.db
		.selectFrom('Links')
		.innerJoin('Namespaces', 'Namespaces.NamespaceId', 'Links.NamespaceId')
		.innerJoin('Users', 'Users.UserId', 'Namespaces.OwnerId')
		.select(['OwnerId', 'Username', 'Quota', 'DataServerId'])
		.where('LinkId', '=', Buffer.from(id, 'hex'))
		.where((eb) => eb.or([eb('EndsAt', 'is', null), eb('EndsAt', '>', central.now())]))
		.executeTakeFirst();
	if (!row) throw new ApiError('not-found', 'This link has ended; ask whoever gave it to you for a new one.');
	const owner = row.OwnerId.toString('hex') as UserId;
	const below = { id: namespace, owner, ownerName: row.Username, quota: row.Quota, rights: 'read', node } as const;
	// The link stands where others have a device.
	const visitor = { id: id as string as DeviceId, user, name: 'link' };
	return {
		dataServer: await dataServer(central, row.DataServerId),
		token: await sign(central, visitor, row.DataServerId, { namespaces: [], below }),
		owner: row.Username,
	};
}

async function sign(
	{ keys, now }: Central,
	device: Device,
	audience: string,
	opens: Pick<AccessClaims, 'namespaces' | 'below'>,
): Promise<string> {
	const { key, kid, alg } = keys.signer;
	const seconds = Math.floor(now() / 1000);
	const own = { device: device.id, deviceName: device.name, ...opens } satisfies Partial<AccessClaims>;
	return new SignJWT(own)
		.setProtectedHeader({ alg, kid })
		.setIssuer('mydropbox' satisfies AccessClaims['iss'])
		.setSubject(device.user)
		.setAudience(audience)
		.setIssuedAt(seconds)
		.setExpirationTime(seconds + ACCESS_TOKEN_SECONDS)
		.sign(key);
}

/** @throws ApiError `token-expired` or `not-signed-in`. */
export async function verifyGrant({ keys, now }: Central, token: string): Promise<AccessClaims> {
	try {
		return await verifyAccessToken(token, { keys: keys.public, now: now() });
	} catch (error) {
		if (!(error instanceof UnknownSigningKey)) throw error;
		await keys.refresh();
		return verifyAccessToken(token, { keys: keys.public, now: now() });
	}
}

import { ApiError, type DataServerId, type HeartbeatRequest } from '@mydropbox/protocol';
import { transact, upsert } from '@mydropbox/server-kit';
import type { Kysely, Selectable } from 'kysely';
import type { Central } from './central.ts';
import type { CentralSchema } from './schema.ts';

/** Seconds between two heartbeats of a data server. */
export const HEARTBEAT_SECONDS = 5;
/** After this many missed heartbeats a data server counts as gone. */
const MISSED_HEARTBEATS = 3;

/** A data server as the others see it. */
export interface DataServer {
	readonly id: DataServerId;
	/** Origin for route- and web-servers. */
	readonly internalUrl: string;
	/** Origin for clients; null: the host by which they reached the route-server, with `port`. */
	readonly publicUrl: string | null;
	readonly port: number;
	readonly available: boolean;
}

/** Registers the data server, or says that it still lives. Less capacity than allocated is fine: nobody new comes. */
export async function recordHeartbeat({ db, now }: Central, beat: HeartbeatRequest): Promise<void> {
	const state = {
		MaxCapacity: beat.maxCapacity,
		IpAddr: beat.ipAddr,
		ListeningPort: beat.listeningPort,
		PublicUrl: beat.publicUrl,
		Available: beat.available ? 1 : 0,
		LastHeartbeat: now(),
	};
	const row = { ServerId: beat.id, RegisteredAt: now(), ...state };
	await transact(db, (tx) => upsert(tx, 'DataServers', row, ['ServerId'], state));
}

/** Heartbeats older than this are stale. */
const freshSince = (now: number): number => now - MISSED_HEARTBEATS * HEARTBEAT_SECONDS * 1000;

/**
 * Reserves `quota` bytes on the first available data server that still has them, in the order of their ids.
 * Belongs into the transaction that creates the user, so that both happen or neither.
 * @throws ApiError `no-capacity`.
 */
export async function placeUser(tx: Kysely<CentralSchema>, quota: number, now: number): Promise<string> {
	const servers = await tx
		.selectFrom('DataServers')
		.select('ServerId')
		.where('Available', '=', 1)
		.where('LastHeartbeat', '>=', freshSince(now))
		.orderBy('ServerId')
		.execute();
	for (const { ServerId } of servers) {
		// One statement compares and reserves: whoever came first has it, whoever comes second sees it.
		const { numUpdatedRows } = await tx
			.updateTable('DataServers')
			.set((row) => ({ Allocated: row('Allocated', '+', quota) }))
			.where('ServerId', '=', ServerId)
			.where('Available', '=', 1)
			.where((row) => row(row('Allocated', '+', quota), '<=', row.ref('MaxCapacity')))
			.executeTakeFirst();
		if (numUpdatedRows === 1n) return ServerId;
	}
	throw new ApiError(
		'no-capacity',
		servers.length === 0
			? 'No data server is available right now, so no account can be created. Nothing was created; try again in a minute.'
			: 'There is no room for another account on any data server. Nothing was created; whoever runs this MyDropbox has to add space.',
	);
}

/** @throws ApiError `not-found`. */
export async function dataServer({ db, now }: Central, id: string): Promise<DataServer> {
	const row = await db.selectFrom('DataServers').selectAll().where('ServerId', '=', id).executeTakeFirst();
	if (!row) throw new ApiError('not-found', `There is no data server "${id}".`);
	return toDataServer(row, now());
}

export async function listDataServers({ db, now }: Central): Promise<DataServer[]> {
	const rows = await db.selectFrom('DataServers').selectAll().orderBy('ServerId').execute();
	return rows.map((row) => toDataServer(row, now()));
}

function toDataServer(row: Selectable<CentralSchema['DataServers']>, now: number): DataServer {
	const host = row.IpAddr.includes(':') ? `[${row.IpAddr}]` : row.IpAddr;
	return {
		id: row.ServerId as DataServerId,
		internalUrl: `http://${host}:${row.ListeningPort}`,
		publicUrl: row.PublicUrl,
		port: row.ListeningPort,
		available: row.Available === 1 && row.LastHeartbeat >= freshSince(now),
	};
}

import { randomBytes } from 'node:crypto';
import {
	type AccessClaims,
	ApiError,
	type Epoch,
	type NamespaceId,
	type Rev,
	randomId,
	rootOf,
	type UserId,
} from '@mydropbox/protocol';
import { insertNew, lockRow, transact } from '@mydropbox/server-kit';
import type { Selectable } from 'kysely';
import type { NamespacesTable } from '../schema.ts';
import { type Db, fromBytes, type Tx, toBytes } from '../sql.ts';

/** What a token says about one namespace. */
export type Grant = AccessClaims['namespaces'][number];

export interface Namespace {
	readonly id: NamespaceId;
	readonly owner: UserId;
	readonly epoch: Epoch;
	readonly head: Rev;
	readonly maxDepth: number;
	readonly bytesUsed: number;
	readonly files: number;
	/** States that ended at or before this rev are not kept any more. */
	readonly historyFrom: Rev;
}

const NOBODY = '0'.repeat(32);

/** Makes a namespace the first time that a valid token names it: signing up needs no data server. */
export class Namespaces {
	readonly #db: Db;
	readonly #now: () => Date;
	/** What was last written about each namespace. */
	readonly #written = new Map<NamespaceId, string>();

	constructor(db: Db, now: () => Date) {
		this.#db = db;
		this.#now = now;
	}

	/** After it resolves the namespace exists, with the owner's name and quota as the token says. */
	async ensure({ id, owner, ownerName, quota }: Grant): Promise<void> {
		const facts = `${owner} ${ownerName} ${quota}`;
		if (this.#written.get(id) === facts) return;
		await transact(this.#db, async (tx) => {
			await this.#create(tx, id, owner, ownerName, quota);
			const { Owner } = await tx
				.selectFrom('Namespaces')
				.select('Owner')
				.where('NamespaceId', '=', toBytes(id))
				.executeTakeFirstOrThrow();
			if (fromBytes(Owner) !== owner) throw new ApiError('forbidden', 'This folder belongs to somebody else.');
			await tx
				.updateTable('Namespaces')
				.set({ OwnerName: ownerName, Quota: quota })
				.where('NamespaceId', '=', toBytes(id))
				.execute();
		});
		this.#written.set(id, facts);
	}

	async #create(tx: Tx, id: NamespaceId, owner: UserId, ownerName: string, quota: number): Promise<void> {
		const createdAt = this.#now().toISOString();
		const namespace = {
			NamespaceId: toBytes(id),
			Owner: toBytes(owner),
			OwnerName: ownerName,
			Epoch: newEpoch(),
			HeadRev: 0,
			MaxDepth: 0,
			BytesUsed: 0,
			Files: 0,
			Quota: quota,
			CreatedAt: createdAt,
		};
		const root = {
			NamespaceId: toBytes(id),
			NodeId: toBytes(rootOf(id)),
			ParentId: null,
			Name: Buffer.alloc(0),
			Kind: 'folder' as const,
			Size: 0,
			Mtime: '0',
			Exec: 0,
			ContentHash: null,
			Target: null,
			Rev: 0,
			SubtreeRev: 0,
			ChangedBy: toBytes(NOBODY),
			ChangedAt: createdAt,
		};
		await insertNew(tx, 'Namespaces', [namespace], ['NamespaceId']);
		await insertNew(tx, 'Nodes', [root], ['NamespaceId', 'NodeId']);
	}
}

/** Nobody else commits to the namespace until the transaction ends. */
export async function lockNamespace(tx: Tx, id: NamespaceId): Promise<Namespace> {
	const query = tx.selectFrom('Namespaces').selectAll().where('NamespaceId', '=', toBytes(id));
	return toNamespace(await lockRow(tx, query).executeTakeFirstOrThrow());
}

/**
 * Nobody commits to any of the owner's namespaces, nor makes another one, until the transaction ends. It has to be
 * `repeatable read`, which also locks the gaps between the rows, and this has to be its first query.
 */
export async function lockNamespacesOf(tx: Tx, owner: UserId): Promise<Namespace[]> {
	return (await lockRow(tx, ofOwner(tx, owner)).execute()).map(toNamespace);
}

export async function namespacesOf(db: Db, owner: UserId): Promise<Namespace[]> {
	return (await ofOwner(db, owner).execute()).map(toNamespace);
}

const ofOwner = (db: Db, owner: UserId) =>
	db.selectFrom('Namespaces').selectAll().where('Owner', '=', toBytes(owner)).orderBy('NamespaceId');

export async function readNamespace(db: Db, id: NamespaceId): Promise<Namespace> {
	const query = db.selectFrom('Namespaces').selectAll().where('NamespaceId', '=', toBytes(id));
	return toNamespace(await query.executeTakeFirstOrThrow());
}

/**
 * Gives every namespace a new epoch. To be called once after the database was restored from a backup: clients that
 * are ahead of it then merge, and take nothing that is missing for deleted.
 */
export async function beginNewEpochs(db: Db): Promise<void> {
	for (const { NamespaceId } of await db.selectFrom('Namespaces').select('NamespaceId').execute()) {
		await db.updateTable('Namespaces').set({ Epoch: newEpoch() }).where('NamespaceId', '=', NamespaceId).execute();
	}
}

const newEpoch = (): Buffer => toBytes(randomId(randomBytes));

const toNamespace = (row: Selectable<NamespacesTable>): Namespace => ({
	id: fromBytes(row.NamespaceId),
	owner: fromBytes(row.Owner),
	epoch: fromBytes(row.Epoch),
	head: row.HeadRev as Rev,
	maxDepth: row.MaxDepth,
	bytesUsed: row.BytesUsed,
	files: row.Files,
	historyFrom: row.HistoryFromRev as Rev,
});

import { randomBytes } from 'node:crypto';
import { ApiError, type LinkId, type NamespaceId, type NodeId, type UserId } from '@mydropbox/protocol';
import type { Selectable } from 'kysely';
import type { Central } from './central.ts';
import type { CentralSchema } from './schema.ts';
import { hashSecret, newSecret } from './secrets.ts';

/** Lets everybody who has its token read a node and what is in it. */
export interface Link {
	readonly id: LinkId;
	/** Who shares it. */
	readonly user: UserId;
	readonly namespace: NamespaceId;
	readonly node: NodeId;
	/** Milliseconds since 1970. */
	readonly createdAt: number;
	/** null: when it is removed. */
	readonly endsAt: number | null;
}

/** Links that one person may have, about: a list of them stays readable, and one answer. */
const MOST_LINKS = 1000;

/**
 * @returns with the token that opens it, which is kept nowhere.
 * @throws ApiError `forbidden` when there are very many.
 */
export async function createLink(
	central: Central,
	wanted: Omit<Link, 'id' | 'createdAt'>,
): Promise<{ link: Link; token: string }> {
	const { db, now } = central;
	const user = Buffer.from(wanted.user, 'hex');
	const { links } = await db
		.selectFrom('Links')
		.select((eb) => eb.fn.countAll<number>().as('links'))
		.where('UserId', '=', user)
		.executeTakeFirstOrThrow();
	if (Number(links) >= MOST_LINKS)
		throw new ApiError('forbidden', `You have ${MOST_LINKS} links, which is the most. End one that nobody needs.`);
	const token = newSecret();
	const id = randomBytes(16);
	const createdAt = now();
	await db
		.insertInto('Links')
		.values({
			LinkId: id,
			TokenHash: hashSecret(token),
			UserId: user,
			NamespaceId: Buffer.from(wanted.namespace, 'hex'),
			NodeId: Buffer.from(wanted.node, 'hex'),
			CreatedAt: createdAt,
			EndsAt: wanted.endsAt,
		})
		.execute();
	return { link: { ...wanted, id: id.toString('hex') as LinkId, createdAt }, token };
}

/** Those that have not ended, newest first. */
export async function linksOf({ db, now }: Central, user: UserId): Promise<Link[]> {
	const rows = await db
		.selectFrom('Links')
		.selectAll()
		.where('UserId', '=', Buffer.from(user, 'hex'))
		.orderBy('CreatedAt', 'desc')
		.orderBy('LinkId')
		.execute();
	return rows.map(fromRow).filter((link) => !hasEnded(link, now()));
}

/** @returns false when the user has no such link. */
export async function removeLink({ db }: Central, user: UserId, id: LinkId): Promise<boolean> {
	const { numDeletedRows } = await db
		.deleteFrom('Links')
		.where('LinkId', '=', Buffer.from(id, 'hex'))
		.where('UserId', '=', Buffer.from(user, 'hex'))
		.executeTakeFirst();
	return numDeletedRows > 0n;
}

/** @throws ApiError `not-found` when there is no such link, or not any more. */
export async function linkByToken({ db, now }: Central, token: string): Promise<Link> {
	const row = await db.selectFrom('Links').selectAll().where('TokenHash', '=', hashSecret(token)).executeTakeFirst();
	const link = row && fromRow(row);
	if (link && !hasEnded(link, now())) return link;
	throw new ApiError(
		'not-found',
		'This link does not lead anywhere. It has ended, or a part of its address is missing; ask whoever gave it to you for a new one.',
	);
}

const hasEnded = ({ endsAt }: Link, now: number): boolean => endsAt !== null && endsAt <= now;

function fromRow(row: Selectable<CentralSchema['Links']>): Link {
	return {
		id: row.LinkId.toString('hex') as LinkId,
		user: row.UserId.toString('hex') as UserId,
		namespace: row.NamespaceId.toString('hex') as NamespaceId,
		node: row.NodeId.toString('hex') as NodeId,
		createdAt: row.CreatedAt,
		endsAt: row.EndsAt,
	};
}

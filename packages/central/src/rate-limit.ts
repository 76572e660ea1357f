import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { ApiError } from '@mydropbox/protocol';
import { insertNew, lockRow, transact } from '@mydropbox/server-kit';
import type { Central } from './central.ts';

/** So many attempts at once, and then one more each `everyMs`. */
export interface Limit {
	readonly name: string;
	readonly burst: number;
	readonly everyMs: number;
}

export const LIMITS_BY = {
	/** Passwords for one account from one address. */
	signInByName: { name: 'sign-in-name', burst: 10, everyMs: 60_000 },
	/** Passwords for any accounts from one address. Families and offices share one. */
	signInByAddress: { name: 'sign-in-address', burst: 60, everyMs: 10_000 },
	/** New accounts from one address. A whole class may sign up in one lesson. */
	signUpByAddress: { name: 'sign-up-address', burst: 300, everyMs: 30_000 },
} as const satisfies Record<string, Limit>;

/** One limited thing, e.g. one account from one address. */
export interface Attempt {
	readonly limit: Limit;
	readonly key: string;
}

/**
 * Takes one attempt from each, or from none. It is taken before the work it guards, because many attempts at the
 * same moment would otherwise all still find one left.
 * @throws ApiError `too-many-requests` with the seconds until one is available.
 */
export async function takeAttempts({ db, now }: Central, attempts: readonly Attempt[]): Promise<void> {
	await transact(db, async (tx) => {
		for (const { limit, bucket } of inLockOrder(attempts)) {
			await insertNew(tx, 'RateLimits', [{ Bucket: bucket, FullAt: 0 }], ['Bucket']);
			const query = tx.selectFrom('RateLimits').select('FullAt').where('Bucket', '=', bucket);
			const { FullAt } = await lockRow(tx, query).executeTakeFirstOrThrow();
			const next = Math.max(FullAt, now()) + limit.everyMs;
			const waitMs = next - limit.burst * limit.everyMs - now();
			if (waitMs > 0) throw tooMany(waitMs);
			await tx.updateTable('RateLimits').set({ FullAt: next }).where('Bucket', '=', bucket).execute();
		}
	});
}

/** Gives the attempts back, because it was no guess after all. */
export async function giveBackAttempts({ db }: Central, attempts: readonly Attempt[]): Promise<void> {
	await transact(db, async (tx) => {
		for (const { limit, bucket } of inLockOrder(attempts)) {
			await tx
				.updateTable('RateLimits')
				.set((row) => ({ FullAt: row('FullAt', '-', limit.everyMs) }))
				.where('Bucket', '=', bucket)
				.execute();
		}
	});
}

/** An IPv6 customer has a whole /64, so that is what counts as one address. */
export function addressKey(ip: string): string {
	const address = ip.replace(/^::ffff:(?=\d+\.)/, '').replace(/%.*$/, '');
	if (!isIPv6(address)) return address;
	const [head = '', tail] = address.split('::') as [string, string?];
	const groups = head === '' ? [] : head.split(':');
	if (tail !== undefined) {
		const rest = tail === '' ? [] : tail.split(':');
		while (groups.length + rest.length < 8) groups.push('0');
	}
	return groups.slice(0, 4).join(':');
}

/** The same order in every transaction, so that two never wait for each other. */
function inLockOrder(attempts: readonly Attempt[]): { limit: Limit; bucket: Buffer }[] {
	return attempts
		.map(({ limit, key }) => ({ limit, bucket: createHash('sha256').update(`${limit.name}\0${key}`).digest() }))
		.sort((a, b) => a.bucket.compare(b.bucket));
}

function tooMany(waitMs: number): ApiError {
	const seconds = Math.ceil(waitMs / 1000);
	const when = seconds < 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} minutes`;
	return new ApiError('too-many-requests', `Too many attempts. Try again in ${when}.`, { retryAfter: seconds });
}

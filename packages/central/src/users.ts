import { randomBytes } from 'node:crypto';
import { ApiError, type SignUpRequest, type UserId } from '@mydropbox/protocol';
import { isUniqueViolation, transact } from '@mydropbox/server-kit';
import type { Kysely, Selectable } from 'kysely';
import type { Central } from './central.ts';
import { placeUser } from './data-servers.ts';
import { DUMMY_HASH, hashPassword, isOutdated, verifyPassword } from './password.ts';
import { type Attempt, addressKey, giveBackAttempts, LIMITS_BY, takeAttempts } from './rate-limit.ts';
import type { CentralSchema } from './schema.ts';
import { endSessions } from './sessions.ts';

export interface User {
	readonly id: UserId;
	readonly username: string;
	readonly email: string;
	/** Bytes. */
	readonly quota: number;
	readonly dataServer: string;
}

/**
 * Creates an account for whoever asks.
 * @param ip the client's address, for the limit on new accounts.
 * @throws ApiError as `createAccount`, and `sign-up-closed`, `too-many-requests`.
 */
export async function signUp(central: Central, request: SignUpRequest, ip: string): Promise<User> {
	if (central.signUps === 'closed')
		throw new ApiError('sign-up-closed', 'New accounts are made by whoever runs this MyDropbox. Ask them for one.');
	await takeAttempts(central, [{ limit: LIMITS_BY.signUpByAddress, key: addressKey(ip) }]);
	return createAccount(central, request);
}

/**
 * Creates the account, its root namespace, and the reservation of its quota on a data server: all or nothing.
 * @throws ApiError `username-taken`, `email-taken`, `no-capacity`.
 */
export async function createAccount(central: Central, request: SignUpRequest): Promise<User> {
	await refuseTaken(central.db, request);
	// Outside the transaction: the hash takes long, and the reservation locks the data server's row.
	const password = await hashPassword(request.password);
	try {
		return await transact(central.db, (tx) => createUser(central, tx, request, password));
	} catch (error) {
		// Somebody else took the name since the check.
		if (isUniqueViolation(error)) await refuseTaken(central.db, request);
		throw error;
	}
}

async function createUser(
	{ now, quota }: Central,
	tx: Kysely<CentralSchema>,
	{ username, email }: SignUpRequest,
	password: string,
): Promise<User> {
	const dataServer = await placeUser(tx, quota, now());
	const user = randomBytes(16);
	const namespace = randomBytes(16);
	const created = { CreatedAt: now() };
	await tx
		.insertInto('Users')
		.values({
			UserId: user,
			Username: username,
			UsernameKey: fold(username),
			Email: email,
			EmailKey: fold(email),
			Password: password,
			DataServerId: dataServer,
			Quota: quota,
			...created,
		})
		.execute();
	await tx
		.insertInto('Namespaces')
		.values({ NamespaceId: namespace, OwnerId: user, Kind: 'root', ...created })
		.execute();
	await tx
		.insertInto('Members')
		.values({ NamespaceId: namespace, UserId: user, Rights: 'write', ...created })
		.execute();
	return { id: user.toString('hex') as UserId, username, email, quota, dataServer };
}

async function refuseTaken(db: Kysely<CentralSchema>, { username, email }: SignUpRequest): Promise<void> {
	const taken = await db
		.selectFrom('Users')
		.select(['UsernameKey'])
		.where((user) => user.or([user('UsernameKey', '=', fold(username)), user('EmailKey', '=', fold(email))]))
		.execute();
	if (taken.length === 0) return;
	if (taken.some(({ UsernameKey }) => UsernameKey === fold(username))) {
		throw new ApiError(
			'username-taken',
			`The username "${username}" is taken. Choose another one, or sign in if it is yours.`,
		);
	}
	throw new ApiError(
		'email-taken',
		'There is an account with this email address already. Sign in, or use another address.',
	);
}

/**
 * The user with this username (or email address) and password. Wrong name and wrong password cannot be told apart,
 * neither by the answer nor by how long it takes.
 * @throws ApiError `wrong-password`, `too-many-requests`.
 */
export async function verifyUser(central: Central, login: string, password: string, ip: string): Promise<User> {
	const attempts: Attempt[] = [
		{ limit: LIMITS_BY.signInByName, key: `${fold(login)}\0${addressKey(ip)}` },
		{ limit: LIMITS_BY.signInByAddress, key: addressKey(ip) },
	];
	await takeAttempts(central, attempts);
	const row = await central.db
		.selectFrom('Users')
		.selectAll()
		.where(login.includes('@') ? 'EmailKey' : 'UsernameKey', '=', fold(login))
		.executeTakeFirst();
	const right = await verifyPassword(password, row?.Password ?? DUMMY_HASH);
	if (!row || !right) {
		throw new ApiError('wrong-password', 'The username or the password is wrong. Check both and try again.');
	}
	await giveBackAttempts(central, attempts);
	if (isOutdated(row.Password)) {
		const renewed = await hashPassword(password);
		await central.db.updateTable('Users').set({ Password: renewed }).where('UserId', '=', row.UserId).execute();
	}
	return toUser(row);
}

export interface PasswordChange {
	readonly current: string;
	readonly password: string;
	/** Of the session that asks: it goes on, all others end. Devices have no password and stay signed in. */
	readonly session: string;
	/** The client's address. */
	readonly ip: string;
}

/** @throws ApiError `wrong-password`, `too-many-requests`: nothing was changed. */
export async function changePassword(
	central: Central,
	id: UserId,
	{ current, password, session, ip }: PasswordChange,
): Promise<void> {
	const { username } = await userById(central, id);
	await verifyUser(central, username, current, ip).catch((error) => {
		if (!(error instanceof ApiError && error.code === 'wrong-password')) throw error;
		throw new ApiError('wrong-password', 'Your current password is another one. Nothing was changed; try again.');
	});
	await storePassword(central, id, password, session);
}

/**
 * For whoever runs the servers, who needs no old one. All sessions end; devices have no password and stay signed in.
 * @throws ApiError `not-found`.
 */
export async function setPassword(central: Central, username: string, password: string): Promise<User> {
	const row = await central.db
		.selectFrom('Users')
		.selectAll()
		.where('UsernameKey', '=', fold(username))
		.executeTakeFirst();
	if (!row) throw new ApiError('not-found', `There is no account with the username "${username}".`);
	const user = toUser(row);
	await storePassword(central, user.id, password);
	return user;
}

/** @param session goes on; all others end. */
async function storePassword({ db }: Central, id: UserId, password: string, session?: string): Promise<void> {
	const hash = await hashPassword(password);
	await transact(db, async (tx) => {
		await tx.updateTable('Users').set({ Password: hash }).where('UserId', '=', Buffer.from(id, 'hex')).execute();
		await endSessions(tx, id, session);
	});
}

/** All of them, by username. */
export async function listUsers({ db }: Central): Promise<User[]> {
	const rows = await db.selectFrom('Users').selectAll().orderBy('UsernameKey').execute();
	return rows.map(toUser);
}

/** @throws ApiError `not-found`. */
export async function userById({ db }: Central, id: UserId): Promise<User> {
	const row = await db.selectFrom('Users').selectAll().where('UserId', '=', Buffer.from(id, 'hex')).executeTakeFirst();
	if (!row) throw new ApiError('not-found', 'This account does not exist any more.');
	return toUser(row);
}

/** What is compared. MySQL ignores spaces at the end; so that none evades the limit on guesses, none counts here either. */
const fold = (text: string): string => text.trim().normalize('NFC').toLowerCase();

function toUser(row: Selectable<CentralSchema['Users']>): User {
	return {
		id: row.UserId.toString('hex') as UserId,
		username: row.Username,
		email: row.Email,
		quota: row.Quota,
		dataServer: row.DataServerId,
	};
}

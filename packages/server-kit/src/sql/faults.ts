/** What the two engines' drivers throw, told apart in one place. */
interface DriverError {
	/** SQLite's extended result code. */
	readonly errcode?: number;
	/** MySQL's error number. */
	readonly errno?: number;
	readonly code?: string;
	/** mysql2: the connection is of no use any more. */
	readonly fatal?: boolean;
}

const asDriverError = (error: unknown): DriverError => (typeof error === 'object' && error !== null ? error : {});

const SQLITE_PRIMARY = (code: number | undefined): number => (code ?? 0) & 0xff;
const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;
const SQLITE_FULL = 13;
const SQLITE_CONSTRAINT_PRIMARYKEY = 1555;
const SQLITE_CONSTRAINT_UNIQUE = 2067;

const ER_DUP_ENTRY = 1062;
const ER_LOCK_WAIT_TIMEOUT = 1205;
const ER_LOCK_DEADLOCK = 1213;
const ER_CHECKREAD = 1020;
/** Too many connections, server shutdown, server gone. */
const MYSQL_AWAY = new Set([1040, 1053, 1077, 1079, 1927, 2006, 2013, 4031]);
const MYSQL_FULL = new Set([1021, 1114, 3]);

/** Another connection to the SQLite file is writing. */
export function isBusy(error: unknown): boolean {
	const primary = SQLITE_PRIMARY(asDriverError(error).errcode);
	return primary === SQLITE_BUSY || primary === SQLITE_LOCKED;
}

/** The transaction was rolled back because of others that ran beside it; running it again can succeed. */
export function isContention(error: unknown): boolean {
	const { errno } = asDriverError(error);
	return isBusy(error) || errno === ER_LOCK_DEADLOCK || errno === ER_LOCK_WAIT_TIMEOUT || errno === ER_CHECKREAD;
}

export function isUniqueViolation(error: unknown): boolean {
	const { errcode, errno } = asDriverError(error);
	return errno === ER_DUP_ENTRY || errcode === SQLITE_CONSTRAINT_UNIQUE || errcode === SQLITE_CONSTRAINT_PRIMARYKEY;
}

/** The database server cannot be reached, or went away in the middle. Nobody knows whether a commit happened. */
export function isDatabaseAway(error: unknown): boolean {
	const { fatal, errno, code } = asDriverError(error);
	// mysql2 marks what kills a connection as fatal, wrong passwords too: for a request all are the same outage.
	return fatal === true || MYSQL_AWAY.has(errno ?? 0) || code === 'PROTOCOL_CONNECTION_LOST';
}

export function isDiskFull(error: unknown): boolean {
	const { errcode, errno, code } = asDriverError(error);
	return (
		SQLITE_PRIMARY(errcode) === SQLITE_FULL ||
		(code?.startsWith('ER_') === true && MYSQL_FULL.has(errno ?? 0)) ||
		code === 'ENOSPC'
	);
}

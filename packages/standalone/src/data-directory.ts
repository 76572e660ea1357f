import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StartupError } from '@mydropbox/server-kit';
import { z } from 'zod';
import type { StandaloneConfig } from './settings.ts';

/** What an installation decided at its first start and has to keep. */
const Installation = z.strictObject({
	/** Shared by the route-server and the data servers. */
	clusterSecret: z.string().min(32),
	engine: z.enum(['sqlite', 'mysql']),
	dataServers: z.int().min(1),
	/** Bytes of quotas per data server. */
	capacity: z.int().min(0),
});
export type Installation = z.infer<typeof Installation>;

/** The directory that one standalone MyDropbox keeps everything in; `docs/operations.md` draws it. */
export class DataDirectory {
	readonly path: string;
	/** Whether the last supervisor was killed, so that its servers may still be stopping. */
	readonly wasKilled: boolean;
	readonly #lock: DatabaseSync;

	/**
	 * Makes the directory if need be, for this user's eyes only, and this process its only supervisor.
	 * @throws StartupError that says what is in the way.
	 */
	constructor(path: string) {
		this.path = resolve(path);
		try {
			mkdirSync(this.path, { recursive: true, mode: 0o700 });
			mkdirSync(this.logs, { recursive: true, mode: 0o700 });
			this.#lock = new DatabaseSync(join(this.path, 'lock'), { timeout: 0 });
		} catch (error) {
			throw unusable(this.path, error);
		}
		this.#takeLock();
		this.wasKilled = existsSync(this.#pidFile);
		writeFileSync(this.#pidFile, `${process.pid}\n`);
	}

	get logs(): string {
		return join(this.path, 'logs');
	}

	get #pidFile(): string {
		return join(this.path, 'pid');
	}

	/** The lock is the operating system's, taken through SQLite because Node offers none: it ends with the process. */
	#takeLock(): void {
		try {
			this.#lock.exec('begin exclusive');
		} catch (error) {
			this.#lock.close();
			if (!/locked|busy/i.test((error as Error).message)) throw unusable(this.path, error);
			const pid = existsSync(this.#pidFile) ? ` (process ${readFileSync(this.#pidFile, 'utf8').trim()})` : '';
			throw new StartupError(
				`Another MyDropbox${pid} is running on ${this.path}. Stop it first, or choose another directory with --data.`,
				{ cause: error },
			);
		}
	}

	/** Reads what was decided at the first start, decides it if this is the first, and holds the flags against it. */
	settle({ database, dataServers, capacity }: StandaloneConfig): Installation {
		const engine = database === 'sqlite' ? 'sqlite' : 'mysql';
		const before = this.#read();
		if (before && before.engine !== engine) {
			throw new StartupError(
				`The data in ${this.path} belongs to a MyDropbox on ${NAMES[before.engine]}. ` +
					`Start it with --database ${before.engine === 'sqlite' ? 'sqlite' : 'and the same mysql:// address as before'}, or choose another directory with --data.`,
				{ exitCode: 2 },
			);
		}
		if (before && dataServers && dataServers < before.dataServers) {
			throw new StartupError(
				`This MyDropbox has ${before.dataServers} data servers, and people whose files are on the last ones need them. ` +
					`Start it with --data-servers ${before.dataServers} or more.`,
				{ exitCode: 2 },
			);
		}
		const count = dataServers ?? before?.dataServers ?? 1;
		const after: Installation = {
			clusterSecret: before?.clusterSecret ?? randomBytes(32).toString('hex'),
			engine,
			dataServers: count,
			capacity: before?.capacity ?? this.#shareOfFreeSpace(count),
		};
		if (JSON.stringify(after) !== JSON.stringify(before)) this.#write(after);
		return { ...after, capacity: capacity ?? after.capacity };
	}

	/** Some space is left to the machine. Remembered, because free space shrinks as people use theirs. */
	#shareOfFreeSpace(dataServers: number): number {
		const { bavail, bsize } = statfsSync(this.path);
		return Math.floor((bavail * bsize * 0.9) / dataServers);
	}

	get #installationFile(): string {
		return join(this.path, 'installation.json');
	}

	#read(): Installation | undefined {
		if (!existsSync(this.#installationFile)) return undefined;
		try {
			return Installation.parse(JSON.parse(readFileSync(this.#installationFile, 'utf8')));
		} catch (error) {
			const reason = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
			throw new StartupError(
				`${this.#installationFile} is damaged: ${reason}\nPut it back from your backup; without it the servers do not know each other.`,
				{ cause: error },
			);
		}
	}

	/** Whole or not at all, also when the plug is pulled. */
	#write(installation: Installation): void {
		const draft = `${this.#installationFile}.new`;
		writeFileSync(draft, `${JSON.stringify(installation, undefined, '\t')}\n`, { mode: 0o600, flush: true });
		renameSync(draft, this.#installationFile);
	}

	release(): void {
		rmSync(this.#pidFile, { force: true });
		this.#lock.close();
	}
}

const NAMES = { sqlite: 'SQLite', mysql: 'MySQL' };

function unusable(path: string, error: unknown): StartupError {
	const { code, message } = error as NodeJS.ErrnoException;
	const reason = code === 'EEXIST' || code === 'ENOTDIR' ? 'a file is in the way' : message;
	return new StartupError(
		`The data directory ${path} cannot be used: ${reason}. Make it writable for this user, or choose another one with --data.`,
		{ cause: error },
	);
}

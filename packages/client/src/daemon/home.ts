import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { homedir, tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import envPaths from 'env-paths';

/** Where one device keeps all that is its own, apart from the folder it syncs. Only its user can look in. */
export class Home {
	readonly dir: string;
	readonly isDefault: boolean;

	/** @param dir undefined: where the platform keeps such things. */
	constructor(dir?: string) {
		const usual = envPaths('mydropbox', { suffix: '' }).data;
		this.dir = resolve(dir ?? usual);
		this.isDefault = this.dir === usual;
	}

	get config(): string {
		return join(this.dir, 'config.json');
	}

	get credentials(): string {
		return join(this.dir, 'credentials.json');
	}

	/** The sync engine's database. */
	get state(): string {
		return join(this.dir, 'state');
	}

	/** What a person has excluded here. */
	get excluded(): string {
		return join(this.dir, 'excluded.json');
	}

	get logs(): string {
		return join(this.dir, 'logs');
	}

	get log(): string {
		return join(this.logs, 'daemon.log');
	}

	/** What a daemon that could not even write its log left behind. */
	get output(): string {
		return join(this.logs, 'daemon.out');
	}

	/** Held by the running daemon and free the moment it is gone, however it went. */
	get lock(): string {
		return join(this.dir, 'daemon.lock');
	}

	/** Means something only while the lock is held. */
	get pid(): string {
		return join(this.dir, 'daemon.pid');
	}

	/** Several devices on one machine each have their own: what is under another home stays together there. */
	get defaultFolder(): string {
		return this.isDefault ? join(homedir(), 'myDropbox') : join(this.dir, 'myDropbox');
	}

	create(): void {
		for (const dir of [this.dir, this.state, this.logs]) mkdirSync(dir, { recursive: true, mode: 0o700 });
	}

	/** Where the running daemon listens to the command line. */
	get socket(): string {
		const name = createHash('sha256').update(this.dir).digest('hex').slice(0, 16);
		if (process.platform === 'win32') return `\\\\.\\pipe\\mydropbox-${name}`;
		const path = join(this.dir, 'daemon.sock');
		return Buffer.byteLength(path) <= SOCKET_PATH_BYTES
			? path
			: join(tmpdir(), `mydropbox-${userInfo().uid}`, `${name}.sock`);
	}
}

/** Systems cut the path of a socket off at 104 or 108 bytes. */
const SOCKET_PATH_BYTES = 100;

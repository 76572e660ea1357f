import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { openSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { findProgram, freePort } from './programs.ts';

/** A real database server for tests: private, on a free port of this machine, gone afterwards. */
export interface MariaDb {
	/** Address of a database of this name; whoever opens it creates it. */
	url(database: string): string;
	/** Shuts it down and removes its data. */
	stop(): Promise<void>;
	/** SIGKILL, as if the machine's plug were pulled (what was answered is in the system's hands). */
	kill(): Promise<void>;
	/** Starts it on the same data and the same port, after `kill` or while it runs. */
	restart(): Promise<void>;
}

const STARTS_WITHIN_MS = 60_000;
const PASSWORD = 'only-for-tests';
const HOW_TO_INSTALL =
	'The tests need MariaDB: `apt-get install mariadb-server` (Debian, Ubuntu), `brew install mariadb` (macOS), ' +
	'`dnf install mariadb-server` (Fedora). It need not run; the tests start their own.';

const run = promisify(execFile);

export interface MariaDbOptions {
	/** What is committed survives a power cut; otherwise only a SIGKILL, which is enough for tests and faster. */
	readonly durable?: boolean;
}

export async function startMariaDb({ durable = false }: MariaDbOptions = {}): Promise<MariaDb> {
	const daemon = findProgram(HOW_TO_INSTALL, 'mariadbd', 'mysqld');
	const installer = findProgram(HOW_TO_INSTALL, 'mariadb-install-db', 'mysql_install_db');
	const directory = await mkdtemp(join(tmpdir(), 'mydropbox-mariadb-'));
	const data = join(directory, 'data');
	const user = `--user=${userInfo().username}`;
	// A MariaDB that starts clears away the temporary tables of all others in the same tmpdir.
	const tmp = `--tmpdir=${directory}`;
	await run(installer, ['--no-defaults', `--datadir=${data}`, tmp, user, '--skip-test-db']);
	const init = join(directory, 'init.sql');
	await writeFile(
		init,
		`CREATE USER IF NOT EXISTS 'test'@'%' IDENTIFIED BY '${PASSWORD}';\nGRANT ALL ON *.* TO 'test'@'%';\n`,
	);
	const port = await freePort();
	const options = [
		'--no-defaults',
		`--datadir=${data}`,
		tmp,
		`--socket=${join(directory, 'sock')}`,
		`--pid-file=${join(directory, 'pid')}`,
		`--init-file=${init}`,
		`--port=${port}`,
		user,
		'--bind-address=127.0.0.1',
		'--skip-name-resolve',
		'--max-connections=400',
		'--max-allowed-packet=64M',
		`--innodb-flush-log-at-trx-commit=${durable ? 1 : 2}`,
		'--innodb-buffer-pool-size=128M',
		'--innodb-log-file-size=64M',
		'--skip-log-bin',
		'--performance-schema=OFF',
	];
	const log = join(directory, 'log');
	let child: ChildProcess | undefined;

	const start = async (): Promise<void> => {
		const output = openSync(log, 'a');
		const started = spawn(daemon, options, { stdio: ['ignore', output, output] });
		child = started;
		const deadline = Date.now() + STARTS_WITHIN_MS;
		while (!(await greets(port))) {
			if (started.exitCode !== null || Date.now() > deadline) {
				throw new Error(`MariaDB did not start:\n${readFileSync(log, 'utf8').slice(-3000)}`);
			}
			await sleep(50);
		}
	};
	const end = async (signal: NodeJS.Signals): Promise<void> => {
		const ending = child;
		child = undefined;
		if (!ending || ending.exitCode !== null || ending.signalCode !== null) return;
		const gone = new Promise((resolve) => ending.once('exit', resolve));
		ending.kill(signal);
		await gone;
	};
	const leaveNothing = (): void => {
		child?.kill('SIGKILL');
		rmSync(directory, { recursive: true, force: true });
	};

	process.once('exit', leaveNothing);
	await start();
	return {
		url: (database) => `mysql://test:${PASSWORD}@127.0.0.1:${port}/${database}`,
		kill: () => end('SIGKILL'),
		restart: async () => {
			await end('SIGTERM');
			await start();
		},
		stop: async () => {
			// Its data is thrown away, so there is nothing to shut down in order.
			await end('SIGKILL');
			process.off('exit', leaveNothing);
			rmSync(directory, { recursive: true, force: true });
		},
	};
}

/** The server speaks first once it is ready to be spoken to. */
function greets(port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const socket = connect({ host: '127.0.0.1', port });
		const answer = (yes: boolean) => {
			socket.destroy();
			resolve(yes);
		};
		// 255 marks an error packet, such as "host is not privileged" before the init file has run.
		socket.once('data', (packet) => answer(packet[4] !== 255));
		socket.once('error', () => answer(false));
		socket.once('end', () => answer(false));
		socket.setTimeout(2000, () => answer(false));
	});
}

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { findProgram, freePort } from './programs.ts';

/** A real object store that speaks Amazon's S3: OpenStack Swift, private, on free ports of this machine, gone afterwards. */
export interface ObjectStore {
	/** Where S3 is spoken. */
	readonly endpoint: string;
	/** As environment variables for whoever speaks to it. */
	readonly credentials: { readonly AWS_ACCESS_KEY_ID: string; readonly AWS_SECRET_ACCESS_KEY: string };
	/** Shuts it down and removes its data. */
	stop(): Promise<void>;
}

export const REGION = 'us-east-1';

const STARTS_WITHIN_MS = 60_000;
const PASSWORD = 'only-for-tests';
const HOW_TO_INSTALL =
	'The tests need OpenStack Swift: `apt-get install swift-proxy swift-account swift-container swift-object memcached` ' +
	'(Debian, Ubuntu). It need not run; the tests start their own.';
/** What stores; before them stands the proxy. */
const STORES = ['account', 'container', 'object'];

const run = promisify(execFile);

export async function startSwift(): Promise<ObjectStore> {
	const program = (name: string) => findProgram(HOW_TO_INSTALL, name);
	const directory = mkdtempSync(join(tmpdir(), 'mydropbox-swift-'));
	mkdirSync(join(directory, 'devices', 'disk'), { recursive: true });
	const children: ChildProcess[] = [];
	const log = join(directory, 'log');
	const start = (name: string, ...args: string[]): void => {
		const output = openSync(log, 'a');
		children.push(spawn(program(name), args, { stdio: ['ignore', output, output] }));
	};
	const signal = (which: NodeJS.Signals) => {
		for (const child of children) child.kill(which);
	};
	const leaveNothing = (): void => {
		signal('SIGKILL');
		rmSync(directory, { recursive: true, force: true });
	};
	process.once('exit', leaveNothing);

	writeFileSync(join(directory, 'swift.conf'), SWIFT_CONF);
	const common = (port: number) => ({ bind_ip: '127.0.0.1', bind_port: port, swift_dir: directory, ...SMALL });
	for (const name of STORES) {
		const port = await freePort();
		const disk = { devices: join(directory, 'devices'), mount_check: 'false', disable_fallocate: 'true' };
		const builder = join(directory, `${name}.builder`);
		for (const args of [['create', '4', '1', '0'], ['add', `r1z1-127.0.0.1:${port}/disk`, '1'], ['rebalance']])
			await run(program('swift-ring-builder'), [builder, ...args]).catch(onlyWarned);
		writeConfig(join(directory, `${name}.conf`), {
			DEFAULT: { ...common(port), ...disk },
			'pipeline:main': { pipeline: `${name}-server` },
			[`app:${name}-server`]: { use: `egg:swift#${name}` },
		});
		start(`swift-${name}-server`, join(directory, `${name}.conf`));
	}
	const cache = await freePort();
	start('memcached', '-u', userInfo().username, '-l', '127.0.0.1', '-p', String(cache), '-U', '0');
	const port = await freePort();
	const filters = ['catch_errors', 'gatekeeper', 'cache', 'listing_formats', 'bulk', 's3api', 'tempauth', 'slo'];
	writeConfig(join(directory, 'proxy.conf'), {
		DEFAULT: common(port),
		'pipeline:main': { pipeline: [...filters, 'proxy-server'].join(' ') },
		'app:proxy-server': { use: 'egg:swift#proxy', account_autocreate: 'true' },
		...Object.fromEntries(filters.map((name) => [`filter:${name}`, { use: `egg:swift#${name}` }])),
		'filter:cache': { use: 'egg:swift#memcache', memcache_servers: `127.0.0.1:${cache}` },
		'filter:s3api': { use: 'egg:swift#s3api', location: REGION, max_bucket_listing: 100 },
		'filter:tempauth': { use: 'egg:swift#tempauth', user_test_tester: `${PASSWORD} .admin` },
	});
	start('swift-proxy-server', join(directory, 'proxy.conf'));

	const endpoint = `http://127.0.0.1:${port}`;
	const deadline = Date.now() + STARTS_WITHIN_MS;
	while (!(await answers(endpoint))) {
		if (children.some(({ exitCode }) => exitCode !== null) || Date.now() > deadline)
			throw new Error(`Swift did not start:\n${readFileSync(log, 'utf8').slice(-3000)}`);
		await sleep(50);
	}
	return {
		endpoint,
		credentials: { AWS_ACCESS_KEY_ID: 'test:tester', AWS_SECRET_ACCESS_KEY: PASSWORD },
		stop: async () => {
			process.off('exit', leaveNothing);
			const gone = children.map((child) => new Promise((resolve) => child.once('exit', resolve)));
			signal('SIGKILL');
			await Promise.all(gone);
			rmSync(directory, { recursive: true, force: true });
		},
	};
}

const SWIFT_CONF = '[swift-hash]\nswift_hash_path_suffix = tests\n[storage-policy:0]\nname = one\ndefault = yes\n';
/** In the process that is started itself, and no more. */
const SMALL = { workers: 0, user: userInfo().username, log_level: 'ERROR' };

function writeConfig(path: string, sections: Record<string, Record<string, string | number>>): void {
	const lines = Object.entries(sections).flatMap(([name, values]) => [
		`[${name}]`,
		...Object.entries(values).map(([key, value]) => `${key} = ${value}`),
	]);
	writeFileSync(path, `${lines.join('\n')}\n`);
}

/** The ring builder ends with 1 when it has something to remark. */
function onlyWarned(error: { code?: number | string }): void {
	if (error.code !== 1) throw error;
}

const answers = (endpoint: string): Promise<boolean> =>
	fetch(endpoint).then(
		() => true,
		() => false,
	);

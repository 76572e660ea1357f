import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { Failure, ROOT, run } from './run.mjs';

const PATHS = [
	...(process.env.PATH ?? '').split(delimiter),
	'/usr/sbin',
	'/usr/local/sbin',
	'/opt/homebrew/bin',
	'/Applications/Google Chrome.app/Contents/MacOS',
	'/Applications/Chromium.app/Contents/MacOS',
];
const find = (...programs) => PATHS.flatMap((path) => programs.map((name) => join(path, name))).find(existsSync);

const findMariaDb = () => find('mariadbd', 'mysqld');
const SWIFT = ['swift-proxy', 'swift-account', 'swift-container', 'swift-object', 'memcached'];
/** Of the object store, all parts. */
const findSwift = () => SWIFT.every((name) => find(name === 'memcached' ? name : `${name}-server`));

/** The system's browser, or the one that playwright has fetched. */
export function findChromium() {
	const { chromium } = createRequire(join(ROOT, 'packages/standalone/package.json'))('playwright-core');
	const candidates = [
		process.env.MYDROPBOX_TEST_CHROMIUM,
		find('chromium', 'chromium-browser', 'google-chrome', 'Google Chrome', 'Chromium'),
		chromium.executablePath(),
	];
	return candidates.find((path) => path && existsSync(path));
}

/**
 * Installs what the tests need from the machine and does not come from the npm registry: MariaDB, Swift and Chromium. That
 * is done on Debian and Ubuntu by a user who may; elsewhere the person is told exactly what to install.
 */
export async function installTestPrograms(node) {
	const mayInstall = isDebianLike() && becomeRoot() !== undefined;
	if (!findMariaDb() && mayInstall) await aptInstall('MariaDB', 'mariadb-server-core', 'mariadb-client-core');
	if (!findSwift() && mayInstall) await aptInstall('OpenStack Swift', ...SWIFT);
	if (!findChromium() && mayInstall) {
		// Ubuntu's own package is only a hint to its app store.
		if (release().includes('ID=ubuntu')) await playwrightInstall(node);
		else await aptInstall('Chromium', 'chromium');
	}
	const found = { MariaDB: findMariaDb(), 'OpenStack Swift': findSwift(), Chromium: findChromium() };
	const missing = Object.keys(found).filter((name) => !found[name]);
	if (missing.length > 0) throw new Failure(instructions(missing.join(' and ')));
}

/** What MyDropbox is compared with; whatever cannot be installed is reported as missing by the benchmark itself. */
export async function installBenchPrograms() {
	const lacking = ['rsync', 'unison', 'rclone', 'syncthing'].filter((name) => !find(name));
	if (!findMariaDb()) lacking.push('mariadb-server-core', 'mariadb-client-core');
	if (lacking.length > 0 && isDebianLike() && becomeRoot()) await aptInstall(lacking.join(', '), ...lacking);
}

const release = () => (existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '');
const isDebianLike = () => find('apt-get') !== undefined && /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(release());

/** What to put before a command that needs root; undefined when this user cannot become root without a password. */
function becomeRoot() {
	if (process.getuid?.() === 0) return [];
	return spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0 ? ['sudo', '-n'] : undefined;
}

async function aptInstall(what, ...packages) {
	console.log(`This machine does not have ${what}. Installing with apt-get …`);
	const apt = [...becomeRoot(), 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get'];
	for (const args of [
		['update', '-qq'],
		['install', '-y', '-qq', '--no-install-recommends', ...packages],
	]) {
		const [command, ...rest] = [...apt, ...args];
		await run(command, rest, { quiet: true });
	}
}

async function playwrightInstall(node) {
	console.log('The tests need Chromium, which this machine does not have. Fetching it with playwright …');
	await run(node, [join(ROOT, 'node_modules/playwright-core/cli.js'), 'install', '--with-deps', 'chromium']);
}

const instructions = (missing) =>
	[
		`The tests need ${missing}, which could not be installed from here. Please install it and run the same again:`,
		`  Debian:  sudo apt-get install mariadb-server-core mariadb-client-core ${SWIFT.join(' ')} chromium`,
		`  Ubuntu:  sudo apt-get install mariadb-server-core mariadb-client-core ${SWIFT.join(' ')}; npx playwright-core install --with-deps chromium`,
		'  Fedora:  sudo dnf install mariadb-server openstack-swift-proxy openstack-swift-account openstack-swift-container openstack-swift-object memcached chromium',
		'MariaDB and Swift need not run: the tests start private ones and remove them afterwards.',
		'Swift does not run on macOS; run the tests in a virtual machine there.',
	].join('\n');

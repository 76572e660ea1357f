import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { Failure, ROOT, run } from './run.mjs';

const PORTAL = join(ROOT, 'packages', 'web-portal');
/** Everything that ends up in the built website. */
const SOURCES = [
	join(PORTAL, 'src'),
	join(PORTAL, 'public'),
	join(PORTAL, 'index.html'),
	join(PORTAL, 'vite.config.ts'),
	join(ROOT, 'packages', 'protocol', 'src'),
	join(ROOT, 'package-lock.json'),
];
/** Written last: a build that was interrupted has none. */
const STAMP = join(PORTAL, 'dist', '.built-from');

/** Builds the website, unless it was built from these very sources. */
export async function buildPortal(node) {
	const fingerprint = fingerprintOf(SOURCES);
	if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === fingerprint) return;
	console.log('Building the website …');
	const vite = createRequire(join(PORTAL, 'package.json')).resolve('vite/package.json');
	const code = await run(node, [join(dirname(vite), 'bin', 'vite.js'), 'build', '--logLevel', 'warn'], { cwd: PORTAL });
	if (code !== 0) throw new Failure('The website could not be built; the reason is above.');
	writeFileSync(STAMP, fingerprint);
}

function fingerprintOf(paths) {
	const hash = createHash('sha256');
	for (const file of paths.flatMap(filesBelow)) {
		hash
			.update(`${relative(ROOT, file)}\0`)
			.update(readFileSync(file))
			.update('\0');
	}
	return hash.digest('hex');
}

function filesBelow(path) {
	if (!existsSync(path)) return [];
	if (!statSync(path).isDirectory()) return [path];
	return readdirSync(path)
		.sort()
		.flatMap((name) => filesBelow(join(path, name)));
}

import { readdirSync, readFileSync } from 'node:fs';

/**
 * The import law of the house (design §6). Every package reads as "may import"; nobody imports standalone, bench or simulator.
 * @type {Record<string, readonly string[] | 'anything'>}
 */
const LAW = {
	protocol: [],
	'sync-engine': ['protocol'],
	remote: ['protocol'],
	'server-kit': ['protocol'],
	'web-portal': ['protocol'],
	central: ['server-kit', 'protocol'],
	client: ['protocol', 'sync-engine', 'remote'],
	'data-server': ['protocol', 'server-kit'],
	'route-server': ['protocol', 'server-kit', 'central', 'remote'],
	'web-server': ['protocol', 'server-kit', 'central', 'remote'],
	testkit: ['protocol', 'sync-engine'],
	standalone: 'anything',
	bench: 'anything',
	simulator: 'anything',
};

/** What a package shows to others; everything else in it is its own business. */
const FRONT_DOORS = ['[^/]+/src/index', 'protocol/src/content/index', 'protocol/src/limits', 'protocol/src/web/index'];

/** Test tools that the root package.json declares for everybody. */
const TEST_TOOLS = '^node_modules/(@jest/globals|fast-check)/';

const allBut = (names) => `^packages/(?!(${names.join('|')})/)`;

const lawOf = ([name, allowed]) =>
	allowed === 'anything'
		? []
		: [
				{
					name: `law-${name}`,
					comment: `${name} may import ${allowed.join(', ') || 'no other package'}.`,
					severity: 'error',
					from: { path: `^packages/${name}/(?!test/)` },
					to: { path: allBut([name, ...allowed]) },
				},
				{
					name: `law-${name}-tests`,
					comment: `Tests of ${name} may import ${[...allowed, 'testkit'].join(', ')}.`,
					severity: 'error',
					from: { path: `^packages/${name}/test/` },
					to: { path: allBut([name, ...allowed, 'testkit']) },
				},
			];

/** The workspaces that a package declares; linked ones resolve without being declared, and then fail elsewhere. */
const declaredBy = (name) => {
	const { dependencies, devDependencies } = JSON.parse(readFileSync(`packages/${name}/package.json`, 'utf8'));
	return Object.keys({ ...dependencies, ...devDependencies })
		.filter((dependency) => dependency.startsWith('@mydropbox/'))
		.map((dependency) => dependency.slice('@mydropbox/'.length));
};

const packages = readdirSync('packages');

const declarationOf = (name) => ({
	name: `declared-by-${name}`,
	comment: `Declare the workspace in packages/${name}/package.json.`,
	severity: 'error',
	from: { path: `^packages/${name}/` },
	to: { path: allBut([name, ...declaredBy(name)]) },
});

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
	forbidden: [
		...Object.entries(LAW).flatMap(lawOf),
		...packages.map(declarationOf),
		{
			name: 'law-covers-every-package',
			comment: 'A new package needs its line in the LAW table of .dependency-cruiser.mjs.',
			severity: 'error',
			from: { path: allBut(Object.keys(LAW)) },
			to: {},
		},
		{
			name: 'front-door',
			comment: 'Import another package through what it exports.',
			severity: 'error',
			from: { path: '^packages/([^/]+)/' },
			to: { path: '^packages/', pathNot: ['^packages/$1/', `^packages/(${FRONT_DOORS.join('|')})\\.ts$`] },
		},
		{
			name: 'by-name',
			comment: 'Another package is imported by its name, not by a relative path.',
			severity: 'error',
			from: { path: '^packages/([^/]+)/' },
			to: { path: '^packages/', pathNot: '^packages/$1/', dependencyTypes: ['local'] },
		},
		{
			name: 'no-cycles',
			comment: 'Files that import each other cannot be understood one at a time.',
			severity: 'error',
			from: {},
			to: { circular: true },
		},
		{
			name: 'no-tests-in-the-product',
			severity: 'error',
			from: { path: '^packages/[^/]+/(src|bin)/' },
			to: { path: '^packages/[^/]+/test/' },
		},
		{
			name: 'resolvable',
			severity: 'error',
			from: {},
			to: { couldNotResolve: true },
		},
		{
			name: 'declared',
			comment: 'Declare the package in the dependencies of the package.json next to it.',
			severity: 'error',
			from: { path: '^packages/' },
			to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'], pathNot: TEST_TOOLS },
		},
		{
			name: 'no-test-tools-in-the-product',
			comment: 'What runs in production is in dependencies, not in devDependencies.',
			severity: 'error',
			from: { path: '^packages/[^/]+/(src|bin)/' },
			to: { dependencyTypes: ['npm-dev', 'npm-no-pkg'], pathNot: '^node_modules/@types/' },
		},
		{
			name: 'pure-packages-know-no-machine',
			comment: 'Clock, chance, disk and network come in as parameters. Only content hashing may use node:crypto.',
			severity: 'error',
			from: { path: '^packages/(protocol|sync-engine|web-portal)/src/', pathNot: '^packages/protocol/src/content/' },
			to: { dependencyTypes: ['core'] },
		},
		{
			name: 'content-only-hashes',
			severity: 'error',
			from: { path: '^packages/protocol/src/content/' },
			to: { dependencyTypes: ['core'], pathNot: '^(node:)?crypto$' },
		},
	],
	options: {
		// TypeScript 7 has no JavaScript API; swc reads the same sources, type-only imports included.
		parser: 'swc',
		doNotFollow: { path: ['node_modules', '^packages/web-portal/dist/'] },
		exclude: { path: ['\\.css$', '\\.svg$'] },
		enhancedResolveOptions: {
			exportsFields: ['exports'],
			conditionNames: ['import', 'require', 'node', 'default', 'types'],
			extensions: ['.ts', '.tsx', '.mjs', '.js', '.cjs', '.json', '.d.ts'],
			mainFields: ['module', 'main', 'types'],
		},
	},
};

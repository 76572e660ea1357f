import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { DatabaseUrl, defineSettings, Origin, Port, readConfig, TrustProxy } from '../src/index.ts';

const settings = defineSettings({
	port: { schema: Port.default(8081), help: 'port to listen on' },
	clusterSecret: { schema: z.string().min(16, 'must have at least 16 characters'), help: 'shared', secret: true },
	publicUrl: { schema: Origin.nullable().default(null), help: 'where clients reach it' },
	database: { schema: DatabaseUrl.default('sqlite:central.sqlite'), help: 'where the database is' },
	trustProxy: TrustProxy,
});
const SECRET = '0123456789abcdef';
const read = (argv: string[], env: NodeJS.ProcessEnv = { MYDROPBOX_CLUSTER_SECRET: SECRET }) =>
	readConfig('server', 'A server.', settings, argv, env);

test('defaults, environment and flags, in this order of weight', () => {
	expect(read([])).toMatchObject({ port: 8081, publicUrl: null, trustProxy: false });
	const env = { MYDROPBOX_CLUSTER_SECRET: SECRET, MYDROPBOX_PORT: '1', MYDROPBOX_PUBLIC_URL: '' };
	expect(read([], env)).toMatchObject({ port: 1, publicUrl: null });
	expect(read(['--port', '2', '--public-url', 'https://files.example/'], env)).toMatchObject({
		port: 2,
		publicUrl: 'https://files.example',
	});
});

test('a secret can come from a file', () => {
	const directory = mkdtempSync(join(tmpdir(), 'mydropbox-config-'));
	const file = join(directory, 'secret');
	writeFileSync(file, `${SECRET}\n`);
	expect(read([], { MYDROPBOX_CLUSTER_SECRET_FILE: file }).clusterSecret).toBe(SECRET);
	expect(() => read([], { MYDROPBOX_CLUSTER_SECRET_FILE: `${file}x` })).toThrow(/_FILE cannot be read/);
	rmSync(directory, { recursive: true });
});

test.each([
	['a typo', ['--prot', '1'], /unknown option '--prot'[\s\S]*Did you mean --port\?/],
	['no value', ['--port'], /argument missing/],
	['a stray word', ['serve'], /too many arguments/],
	['no number', ['--port', 'abc'], /--port \(or MYDROPBOX_PORT\) .*expected number/],
	['a port beyond the last', ['--port', '65536'], /--port .*<=65535/],
	['an address with a path', ['--public-url', 'https://x.example/a'], /must have no path/],
	['another database', ['--database', 'postgres://x/y'], /must be sqlite:.* or mysql:/],
	['mysql without a name', ['--database', 'mysql://u:p@h:1/'], /must be sqlite:.* or mysql:/],
	['a proxy that is none', ['--trust-proxy', 'nonsense'], /must be a number of proxies/],
])('%s is refused in plain words', (_what, argv, message) => {
	expect(() => read(argv)).toThrow(message);
	expect(() => read(argv)).toThrow(expect.objectContaining({ exitCode: 2 }));
});

test('what is missing is named, and all faults at once', () => {
	expect(() => read(['--port', '-1'], {})).toThrow(
		/--port[\s\S]*--cluster-secret \(or MYDROPBOX_CLUSTER_SECRET\) is missing/,
	);
});

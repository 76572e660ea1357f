import { rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describeEachEngine } from '@mydropbox/testkit';
import { cleanUp } from './support/cleanup.ts';
import { isAlive, processes } from './support/processes.ts';
import { prepareProduct, startProduct } from './support/product.ts';

const QUOTA = 5_000_000_000;

afterEach(cleanUp, 60_000);

/** Everything on this machine that has the product's data directory in its command line. */
const traces = (data: string) => processes().filter(({ command }) => command.includes(data));

describeEachEngine('a MyDropbox of one command', (engine) => {
	it('comes up again on the data of the first time, and stops without leaving anything', async () => {
		const database = engine.name === 'sqlite' ? 'sqlite' : engine.freshUrl();
		const product = await startProduct({ database, dataServers: 2 });
		const ada = await product.signUp('ada');
		await product.api('POST', '/folders', { token: ada.token, body: { path: '/plans' } });
		const servers = [...product.servers().values()];
		expect([...product.servers().keys()].sort()).toEqual(['data1', 'data2', 'route', 'web']);

		expect(await product.stop('SIGINT')).toBe(0);
		expect(servers.filter(({ pid }) => isAlive(pid))).toEqual([]);
		expect(traces(product.data)).toEqual([]);

		await product.start();
		const files = await product.api('GET', '/files?path=/', { token: ada.token });
		expect(await files.json()).toMatchObject({ entries: [{ name: 'plans' }] });
		expect(await product.stop('SIGTERM')).toBe(0);
	}, 60_000);
});

describe('the servers of a MyDropbox', () => {
	it('starts a server again that died, and says so', async () => {
		const product = await startProduct();
		const ada = await product.signUp('ada');
		for (const name of ['data1', 'route', 'web']) {
			await product.killServer(name);
			expect(product.program.stdout).toContain(
				`The ${name} server was killed (SIGKILL). It is started again in 0.5 s.`,
			);
		}
		expect((await product.api('GET', '/files?path=/', { token: ada.token })).status).toBe(200);
	}, 60_000);

	it('leaves no server behind when it is killed itself, and starts again at once', async () => {
		const product = await startProduct();
		const servers = [...product.servers().values()];
		await product.program.end('SIGKILL');
		await product.start();
		expect(servers.filter(({ pid }) => isAlive(pid))).toEqual([]);
	}, 60_000);

	it('stops at once at the second Ctrl-C', async () => {
		const product = await startProduct();
		// A server that would have to be waited for.
		process.kill(product.servers().get('web')?.pid ?? Number.NaN, 'SIGSTOP');
		const stopped = product.stop('SIGINT');
		await product.program.says(/Stopping MyDropbox/);
		const press = setInterval(() => product.program.child.kill('SIGINT'), 300);
		await stopped;
		clearInterval(press);
		expect(product.program.stdout).toContain('Stopping at once.');
		expect(traces(product.data)).toEqual([]);
	}, 60_000);
});

describe('what prevents the start is said plainly', () => {
	it('names a port in use and its flag, and leaves nothing running', async () => {
		const product = await prepareProduct();
		const other = createServer();
		await new Promise<void>((resolve) => other.listen(product.firstPort + 2, '127.0.0.1', resolve));
		const { code, stderr } = await product.failsToStart();
		await new Promise((resolve) => other.close(resolve));
		expect(stderr).toContain(
			`Port ${product.firstPort + 2} is in use by another program. Stop that program, or choose another port with --data-port.`,
		);
		expect(code).toBe(1);
		expect(traces(product.data)).toEqual([]);
	}, 30_000);

	it('refuses a data directory that cannot be one', async () => {
		const product = await prepareProduct();
		await rm(product.data, { recursive: true });
		await writeFile(product.data, 'a file in the way');
		const { code, stderr } = await product.failsToStart();
		expect(stderr).toMatch(/^MyDropbox cannot start\. The data directory .* cannot be used: a file is in the way\./);
		expect(code).toBe(1);
	}, 30_000);

	it('refuses a second supervisor on the same data', async () => {
		const product = await startProduct();
		const { code, stderr } = await product.failsToStart();
		expect(stderr).toContain(`Another MyDropbox (process ${product.program.child.pid}) is running on ${product.data}.`);
		expect(code).toBe(1);
		expect((await fetch(`${product.site}/healthz`)).status).toBe(200);
	}, 60_000);

	it('refuses to start with fewer data servers, or on another engine, than the data is on', async () => {
		const product = await startProduct({ dataServers: 2 });
		await product.stop();
		const fewer = await product.failsToStart(['--data-servers=1']);
		expect(fewer.stderr).toContain('This MyDropbox has 2 data servers');
		const other = await product.failsToStart(['--database=mysql://nobody:nothing@127.0.0.1:1/none']);
		expect(other.stderr).toContain('belongs to a MyDropbox on SQLite');
		expect([fewer.code, other.code]).toEqual([2, 2]);
	}, 60_000);

	it('suggests the flag that was meant', async () => {
		const product = await prepareProduct();
		const { code, stderr } = await product.failsToStart(['--web-prot=1']);
		expect(stderr).toContain('--web-port');
		expect(code).toBe(2);
	}, 30_000);

	it('says which file is damaged', async () => {
		const product = await prepareProduct();
		await writeFile(join(product.data, 'installation.json'), '{"clusterSecret": 5}');
		const { code, stderr } = await product.failsToStart();
		expect(stderr).toContain('installation.json is damaged');
		expect(code).toBe(1);
	}, 30_000);
});

describe('two data servers with room for one person each', () => {
	it('places the first two people on different servers and tells the third', async () => {
		const product = await startProduct({ dataServers: 2, capacity: QUOTA });
		const homes: string[] = [];
		for (const name of ['ada', 'grace']) {
			const { token } = await product.signUp(name);
			const me = (await (await product.api('GET', '/me', { token })).json()) as { dataServer: { id: string } };
			homes.push(me.dataServer.id);
		}
		expect(homes.sort()).toEqual(['data1', 'data2']);

		const body = { username: 'edsger', email: 'edsger@example.org', password: 'correct horse battery' };
		const third = await product.api('POST', '/users', { body });
		expect(third.status).toBe(507);
		expect(await third.json()).toMatchObject({
			error: { code: 'no-capacity', message: expect.stringContaining('There is no room for another account') },
		});
		const session = await product.api('POST', '/session', { body: { username: 'edsger', password: body.password } });
		expect(session.status).toBe(401);
	}, 60_000);
});

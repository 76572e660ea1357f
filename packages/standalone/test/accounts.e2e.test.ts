import { join, resolve } from 'node:path';
import { describeEachEngine } from '@mydropbox/testkit';
import { cleanUp } from './support/cleanup.ts';
import { runProgram } from './support/process.ts';
import { startProduct } from './support/product.ts';

const ACCOUNTS = resolve(import.meta.dirname, '../../web-server/src/accounts.ts');

afterEach(cleanUp, 60_000);

describeEachEngine('a MyDropbox with closed sign-ups', (engine) => {
	it('has the accounts that whoever runs it makes, and gives a new password to who forgot theirs', async () => {
		const prefix = engine.name === 'sqlite' ? 'sqlite' : engine.freshUrl();
		const product = await startProduct({ database: prefix, signUps: 'closed' });
		const database = engine.name === 'sqlite' ? `sqlite:${join(product.data, 'central.sqlite')}` : `${prefix}_central`;
		const accounts = (...args: string[]) => runProgram([ACCOUNTS, ...args], { env: { MYDROPBOX_DATABASE: database } });
		const signIn = (password: string) => product.api('POST', '/session', { body: { username: 'ada', password } });

		const body = { username: 'eve', email: 'eve@example.org', password: 'let me in, please' };
		const refused = await product.api('POST', '/users', { body });
		expect([refused.status, await refused.json()]).toMatchObject([403, { error: { code: 'sign-up-closed' } }]);
		const byDevice = await fetch(`${product.routeUrl}/v1/users`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify(body),
		});
		expect(byDevice.status).toBe(403);

		const made = await accounts('--task', 'create', '--username', 'ada', '--email', 'ada@example.org');
		const first = passwordIn(made.stdout);
		const session = await signIn(first);
		expect(session.status).toBe(201);
		const { token } = (await session.json()) as { token: string };

		const second = passwordIn((await accounts('--task', 'new-password', '--username', 'Ada')).stdout);
		expect((await product.api('GET', '/me', { token })).status).toBe(401);
		expect((await signIn(first)).status).toBe(401);
		expect((await signIn(second)).status).toBe(201);

		expect((await accounts('--task', 'list')).stdout).toBe('ada\tada@example.org\t5000000000\tdata1\n');
		const nobody = await accounts('--task', 'new-password', '--username', 'eve');
		expect(nobody).toMatchObject({ code: 1, stderr: 'There is no account with the username "eve".\n' });
		const elsewhere = await accounts('--task', 'list', '--database', `${database}x`);
		expect(elsewhere).toMatchObject({ code: 1, stdout: '' });
		expect(elsewhere.stderr).toContain('--database');
	}, 120_000);
});

function passwordIn(text: string): string {
	const password = /shown only now: (\S+)/.exec(text)?.[1];
	if (!password) throw new Error(`There is no password in: ${text}`);
	return password;
}

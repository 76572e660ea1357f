import { randomInt } from 'node:crypto';
import { CENTRAL_SETTINGS, type Central, createAccount, listUsers, openCentral, setPassword } from '@mydropbox/central';
import { ApiError, SignUpRequest, Username } from '@mydropbox/protocol';
import { type Config, DatabaseUrl, defineSettings, readConfig, StartupError } from '@mydropbox/server-kit';
import { z } from 'zod';

/** What whoever runs the servers does to accounts, while they run or not: npm run accounts -- --task list */
const OPTIONS = defineSettings({
	database: { ...CENTRAL_SETTINGS.database, schema: DatabaseUrl.default('sqlite:data/central.sqlite') },
	username: { schema: Username.optional(), help: 'whose account', example: 'name' },
	email: { schema: SignUpRequest.shape.email.optional(), help: 'of a new account', example: 'address' },
	quota: CENTRAL_SETTINGS.quota,
});
type Options = Config<typeof OPTIONS>;

type Task = (central: Central, options: Options) => Promise<string>;

const TASKS = {
	list: async (central) => {
		const users = await listUsers(central);
		return users.map((user) => [user.username, user.email, `${user.quota}`, user.dataServer].join('\t')).join('\n');
	},
	create: async (central, options) => {
		const password = newPassword();
		const account = { username: said(options, 'username'), email: said(options, 'email'), password };
		const { username } = await createAccount(central, account);
		return `The account of ${username} is made. Its password, shown only now: ${password}`;
	},
	'new-password': async (central, options) => {
		const password = newPassword();
		const { username } = await setPassword(central, said(options, 'username'), password);
		return `${username} has a new password, shown only now: ${password}\nBrowsers are signed out, devices are not.`;
	},
} satisfies Record<string, Task>;

const settings = defineSettings({
	...OPTIONS,
	task: {
		schema: z.enum(Object.keys(TASKS) as [keyof typeof TASKS, ...(keyof typeof TASKS)[]]),
		help: 'list, create an account (--username, --email), or give one a new-password (--username)',
		example: 'task',
	},
});

function said(options: Options, name: 'username' | 'email'): string {
	const value = options[name];
	if (value === undefined) throw new StartupError(`--${name} is missing.`, { exitCode: 2 });
	return value;
}

/** 80 bits, in letters that are read out and typed without mistakes. Its owner changes it on the website. */
function newPassword(): string {
	const letters = 'abcdefghijkmnpqrstuvwxyz23456789';
	const group = () => Array.from({ length: 4 }, () => letters[randomInt(letters.length)]).join('');
	return Array.from({ length: 4 }, group).join('-');
}

try {
	const config = readConfig(
		'npm run accounts --',
		'Lists accounts, makes one, or gives one a new password; the servers may run meanwhile.',
		settings,
		process.argv.slice(2),
		process.env,
	);
	const central = await openCentral({ url: config.database, quota: config.quota, mustExist: true });
	try {
		process.stdout.write(`${await (TASKS[config.task] as Task)(central, config)}\n`);
	} finally {
		await central.close();
	}
} catch (error) {
	if (!(error instanceof StartupError || error instanceof ApiError)) throw error;
	process.stderr.write(`${error.message}\n`);
	process.exitCode = error instanceof StartupError ? error.exitCode : 1;
}

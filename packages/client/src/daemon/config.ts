import { readFileSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { DeviceId, NamespaceId, RefreshToken, UserId } from '@mydropbox/protocol';
import { MASS_DELETE_LIMITS } from '@mydropbox/sync-engine';
import { z } from 'zod';
import type { Home } from './home.ts';
import { UserError } from './user-error.ts';
import { writeDurably } from './write-durably.ts';

/** When deletes wait for `mydropbox confirm`; what is left out is as usual. */
const MassDeletes = z.strictObject({
	/** 0: every delete does. */
	files: z.int().min(0).default(MASS_DELETE_LIMITS.files),
	share: z.number().min(0).max(1).default(MASS_DELETE_LIMITS.share),
	shareFrom: z.int().min(0).default(MASS_DELETE_LIMITS.shareFrom),
});

/** What `login` found out and the daemon starts with. */
export const Config = z.strictObject({
	/** The route-server's origin. */
	server: z.url(),
	/** The website's origin, for messages. */
	website: z.url(),
	user: UserId,
	username: z.string(),
	device: DeviceId,
	deviceName: z.string().min(1),
	namespace: NamespaceId,
	folder: z.string().refine(isAbsolute, 'must be an absolute path'),
	massDeletes: MassDeletes.optional(),
});
export type Config = z.infer<typeof Config>;

/** Apart from the config, so that the config may be shown to others. */
export const Credentials = z.strictObject({ refreshToken: RefreshToken });
export type Credentials = z.infer<typeof Credentials>;

/** undefined when nobody is signed in at this home. */
export const readConfig = (home: Home): Config | undefined => read(home.config, Config);
export const readCredentials = (home: Home): Credentials | undefined => read(home.credentials, Credentials);

export function requireConfig(home: Home): Config {
	const config = readConfig(home);
	if (config) return config;
	throw new UserError(
		'This device is not signed in yet.',
		'Sign in with: mydropbox login --server ADDRESS --username NAME',
	);
}

export function requireCredentials(home: Home): Credentials {
	const credentials = readCredentials(home);
	if (credentials) return credentials;
	throw new UserError(`${home.credentials} is missing.`, 'Sign in again with: mydropbox login');
}

/** The config comes last: it is what makes a home one that is signed in. */
export function writeLogin(home: Home, config: Config, credentials: Credentials): void {
	writeDurably(home.credentials, json(credentials));
	writeDurably(home.config, json(config));
}

const json = (value: unknown): string => `${JSON.stringify(value, null, '\t')}\n`;

function read<T>(file: string, schema: z.ZodType<T>): T | undefined {
	let text: string;
	try {
		text = readFileSync(file, 'utf8');
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
		throw new UserError(`${file} cannot be read: ${(error as Error).message}`, 'Make it readable for your user.', {
			cause: error,
		});
	}
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch (cause) {
		throw new UserError(`${file} is not valid JSON: ${(cause as Error).message}`, MEND, { cause });
	}
	const parsed = schema.safeParse(value);
	if (parsed.success) return parsed.data;
	throw new UserError(`${file} is not valid: ${parsed.error.issues.map(describe).join('; ')}.`, MEND);
}

const MEND = 'Correct it, or sign in from the beginning: mydropbox logout, then mydropbox login.';

function describe(issue: z.core.$ZodIssue): string {
	if (issue.code === 'unrecognized_keys') return `unknown key ${issue.keys.map((key) => `"${key}"`).join(', ')}`;
	return `"${issue.path.join('.')}": ${issue.message}`;
}

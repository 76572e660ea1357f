import { readFileSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import express from 'express';
import { z } from 'zod';
import { StartupError } from './startup-error.ts';

/**
 * One setting of a server. `dataServerId` is the flag `--data-server-id` and the environment variable
 * `MYDROPBOX_DATA_SERVER_ID`; the flag wins. The schema gets the text, or undefined when neither is there.
 */
export interface Setting<Schema extends z.ZodType = z.ZodType> {
	readonly schema: Schema;
	readonly help: string;
	/** Shown in `--help` instead of the value's name. */
	readonly example?: string;
	/** Can also be read from the file named by `MYDROPBOX_…_FILE`, which is how containers get secrets. */
	readonly secret?: boolean;
}
export type Settings = Record<string, Setting>;
export type Config<S extends Settings> = { readonly [Name in keyof S]: z.output<S[Name]['schema']> };

/** Keeps the types of the schemas. */
export const defineSettings = <S extends Settings>(settings: S): S => settings;

/** 0 lets the system choose. */
export const Port = z.coerce.number().int().min(0).max(65535);
export const Bytes = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
export const Flag = z.stringbool();
/** What route- and data-servers share. It travels in a header, so it has no spaces. */
export const ClusterSecret = {
	schema: z.string().regex(/^[\x21-\x7e]{16,}$/, 'must be at least 16 characters of ASCII without spaces'),
	help: 'what route- and data-servers share; better given by the environment than as a flag',
	example: 'secret',
	secret: true,
};
/** Said to each server, and to the standalone command that starts them. It travels in a header, so it has no spaces. */
export const MetricsToken = {
	schema: z
		.string()
		.regex(/^[\x21-\x7e]{16,}$/, 'must be at least 16 characters of ASCII without spaces')
		.optional(),
	help: 'what whoever reads /metrics sends as a bearer token; when not set, only this machine may read them',
	example: 'token',
	secret: true,
};
/** Scheme, host and port, without a path. */
export const Origin = z.url({ protocol: /^https?$/ }).transform((url, context) => {
	const { origin, pathname, search } = new URL(url);
	if (pathname !== '/' || search !== '') context.addIssue({ code: 'custom', message: 'must have no path' });
	return origin;
});

/** Said to route- and web-servers, and to the standalone command that starts them. */
export const SignUps = {
	schema: z.enum(['open', 'closed']).default('open'),
	help: 'open: whoever reaches the website can make an account; closed: only who runs it, with npm run accounts',
	example: 'open|closed',
};

/** Said to the data servers, and to the standalone command that starts them. */
export const HistoryDays = {
	schema: z
		.string()
		.transform((text) => (text === 'forever' ? Number.POSITIVE_INFINITY : Number(text)))
		.refine((days) => days >= 1, 'must be a number of days, at least 1, or "forever"')
		.prefault('30'),
	help: 'days that old versions and deleted files are kept, or "forever"',
	example: 'days',
};

/** Whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed: Express's `trust proxy`. */
export const TrustProxy = {
	schema: z
		.string()
		.default('')
		.transform((text): string | number | false => {
			if (text === '') return false;
			return /^\d+$/.test(text) ? Number(text) : text;
		})
		.refine(isTrustSetting, 'must be a number of proxies, or their addresses and networks, separated by commas'),
	help: 'proxies in front: how many, or their addresses; nobody is believed when not set',
	example: 'proxies',
};

function isTrustSetting(value: string | number | false): boolean {
	try {
		express().set('trust proxy', value);
		return true;
	} catch {
		return false;
	}
}

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
export const flagOf = (name: string): string => `--${kebab(name)}`;
export const variableOf = (name: string): string => `MYDROPBOX_${kebab(name).replaceAll('-', '_').toUpperCase()}`;

/**
 * Reads flags and environment.
 * @throws StartupError with exit code 2 that names the flag and what is wrong with it. `--help` prints and exits.
 */
export function readConfig<S extends Settings>(
	program: string,
	description: string,
	settings: S,
	argv: readonly string[],
	env: NodeJS.ProcessEnv,
): Config<S> {
	const flags = readFlags(program, description, settings, argv);
	const faults: string[] = [];
	const config: Record<string, unknown> = {};
	for (const [name, setting] of Object.entries(settings)) {
		const text = flags[name] ?? fromEnvironment(name, setting, env);
		const parsed = setting.schema.safeParse(text);
		if (parsed.success) config[name] = parsed.data;
		else faults.push(explain(name, text, parsed.error));
	}
	if (faults.length > 0) {
		throw new StartupError(`${faults.join('\n')}\nSee ${program} --help.`, { exitCode: 2 });
	}
	return config as Config<S>;
}

function readFlags(
	program: string,
	description: string,
	settings: Settings,
	argv: readonly string[],
): Record<string, string | undefined> {
	let complaint = '';
	const command = new Command(program)
		.description(description)
		.exitOverride()
		.configureOutput({ writeErr: (text) => (complaint += text), outputError: (text, write) => write(text) })
		.allowExcessArguments(false)
		.showSuggestionAfterError();
	for (const [name, setting] of Object.entries(settings)) {
		const standard = setting.schema.safeParse(undefined).data;
		const notes = `${setting.help} (env: ${variableOf(name)}${standard == null || standard === false ? '' : `, default: ${standard}`})`;
		command.addOption(new Option(`${flagOf(name)} <${setting.example ?? 'value'}>`, notes));
	}
	try {
		command.parse(argv, { from: 'user' });
	} catch (error) {
		if (!(error instanceof CommanderError)) throw error;
		if (error.exitCode === 0) process.exit(0);
		const message = complaint.replace(/^error: /, '').trim();
		throw new StartupError(`${message}\nSee ${program} --help.`, { cause: error, exitCode: 2 });
	}
	return command.opts();
}

/** An empty variable counts as not set: compose files produce those. */
function fromEnvironment(name: string, setting: Setting, env: NodeJS.ProcessEnv): string | undefined {
	const variable = variableOf(name);
	const file = setting.secret ? env[`${variable}_FILE`] : undefined;
	if (!file) return env[variable] || undefined;
	try {
		return readFileSync(file, 'utf8').trim();
	} catch (error) {
		throw new StartupError(`${variable}_FILE cannot be read: ${(error as Error).message}`, {
			cause: error,
			exitCode: 2,
		});
	}
}

function explain(name: string, text: string | undefined, error: z.ZodError): string {
	const where = `${flagOf(name)} (or ${variableOf(name)})`;
	if (text === undefined) return `${where} is missing.`;
	return `${where} ${error.issues.map((issue) => issue.message).join('; ')}.`;
}

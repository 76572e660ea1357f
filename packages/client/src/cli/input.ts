import type { z } from 'zod';
import { UserError } from '../daemon/user-error.ts';
import type { Terminal } from './terminal.ts';

/** An option, or what the person answers when it was left out. */
export async function optionOrAsk(
	terminal: Terminal,
	value: string | undefined,
	option: string,
	question: string,
): Promise<string> {
	if (value !== undefined) return value;
	if (!terminal.isInteractive)
		throw new UserError(`${option} is missing.`, 'Add it and try again; --help shows all options.');
	return (await terminal.ask(question)).trim();
}

export async function readPassword(
	terminal: Terminal,
	{ passwordStdin }: { passwordStdin?: boolean },
): Promise<string> {
	if (!passwordStdin && !terminal.isInteractive) {
		throw new UserError('There is no terminal to type the password on.', 'Hand it over with --password-stdin.');
	}
	const password = passwordStdin ? await terminal.readInput() : await terminal.askSecret('Password: ');
	if (password === '') throw new UserError('The password is empty.', 'Nothing was sent; try again.');
	return password;
}

/** @throws UserError that names what is wrong with which field. */
export function check<T>(schema: z.ZodType<T>, value: unknown): T {
	const parsed = schema.safeParse(value);
	if (parsed.success) return parsed.data;
	const faults = parsed.error.issues.map(({ path, message }) =>
		path.length > 0 ? `${path.join('.')}: ${message}` : message,
	);
	throw new UserError(`That cannot be used: ${faults.join('; ')}.`, 'Nothing was sent; correct it and try again.');
}

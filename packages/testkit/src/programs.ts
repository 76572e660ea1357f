import { accessSync, constants } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';

/** @throws Error with what to do about it when the machine has none of them. */
export function findProgram(howToInstall: string, ...names: string[]): string {
	const directories = [
		...(process.env.PATH ?? '').split(delimiter),
		'/usr/sbin',
		'/usr/local/sbin',
		'/opt/homebrew/bin',
	];
	for (const name of names) {
		for (const directory of directories) {
			const path = join(directory, name);
			try {
				accessSync(path, constants.X_OK);
				return path;
			} catch {}
		}
	}
	throw new Error(`${names[0]} was found neither in PATH nor in /usr/sbin. ${howToInstall}`);
}

/** Of this machine; nobody else had it a moment ago. */
export async function freePort(): Promise<number> {
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as { port: number };
	await new Promise((resolve) => server.close(resolve));
	return port;
}

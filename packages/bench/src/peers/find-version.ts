import { spawnSync } from 'node:child_process';

/** @returns the first version number that the program names; undefined when there is no such program. */
export function findVersion(command: string, args: readonly string[]): string | undefined {
	const { status, stdout } = spawnSync(command, args, { encoding: 'utf8' });
	return status === 0 ? /\d+\.\d+[.\d]*/.exec(stdout)?.[0] : undefined;
}

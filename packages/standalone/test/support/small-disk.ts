import { execFileSync } from 'node:child_process';
import { mkdtemp, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterwards } from './cleanup.ts';

const run = (command: string, ...args: string[]) => execFileSync(command, args, { stdio: 'pipe' });

/** A disk in memory that is soon full; it needs root. After the test it is gone. */
export class SmallDisk {
	/** Where it is mounted. */
	readonly path: string;

	private constructor(path: string) {
		this.path = path;
	}

	static async make(megabytes: number): Promise<SmallDisk> {
		const path = await mkdtemp(join(tmpdir(), 'mydropbox-small-'));
		run('mount', '-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path);
		afterwards(async () => {
			run('umount', '--lazy', path);
			await rmdir(path);
		});
		return new SmallDisk(path);
	}

	/** What is on it stays. */
	grow(megabytes: number): void {
		run('mount', '-o', `remount,size=${megabytes}m`, this.path);
	}
}

import { execFileSync } from 'node:child_process';

export interface RunningProcess {
	readonly pid: number;
	readonly parent: number;
	readonly command: string;
}

/** Every process of this machine. */
export function processes(): RunningProcess[] {
	const table = execFileSync('ps', ['-A', '-ww', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' });
	return table
		.trim()
		.split('\n')
		.map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
		.filter((match) => match !== null)
		.map(([, pid, parent, command]) => ({ pid: Number(pid), parent: Number(parent), command: command ?? '' }));
}

export const childrenOf = (pid: number): RunningProcess[] => processes().filter(({ parent }) => parent === pid);

/** A process that has ended and that nobody has asked about yet (in a container without an init) is not alive. */
export function isAlive(pid: number): boolean {
	try {
		return !execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).startsWith('Z');
	} catch {
		return false;
	}
}

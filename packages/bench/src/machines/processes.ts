import { readdirSync, readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { MACHINE_MARK, type MachineName, RUN_MARK } from './machine.ts';

/** The kernel's unit of processor time, the same on every Linux. */
const TICKS_PER_SECOND = 100;

export interface ProcessUse {
	readonly pid: number;
	readonly machine: MachineName;
	readonly command: string;
	/** Seconds of processor time, with those of children that have ended. */
	readonly cpu: number;
	/** The most memory it ever held, bytes. */
	readonly peak: number;
}

/** A process that young may not have come to its own program yet. */
const YOUNG_SECONDS = 1;

/** Every process that this benchmark has started, found by the mark that children inherit, daemons too. */
export class OwnProcesses {
	readonly #run: string;
	/** The start time tells processes of one number apart. Environments stay as they are, so they are read once. */
	readonly #machines = new Map<string, MachineName>();
	readonly #strangers = new Set<string>();

	/** @param run the value of the mark: this benchmark and no other. */
	constructor(run: string) {
		this.#run = run;
	}

	list(): ProcessUse[] {
		return readdirSync('/proc')
			.filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
			.map((name) => this.#look(Number(name)))
			.filter((use) => use !== undefined);
	}

	#look(pid: number): ProcessUse | undefined {
		try {
			const stat = readStat(pid);
			const key = `${pid} ${stat.startedAt}`;
			if (this.#strangers.has(key)) return undefined;
			const machine = this.#machines.get(key) ?? this.#machineOf(pid);
			if (!machine) {
				if (uptime() - stat.startedAt > YOUNG_SECONDS) this.#strangers.add(key);
				return undefined;
			}
			this.#machines.set(key, machine);
			const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
			const peak = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
			return { pid, machine, command, cpu: stat.cpu, peak: Number(peak) * 1024 };
		} catch {
			// It ended while it was looked at.
			return undefined;
		}
	}

	#machineOf(pid: number): MachineName | undefined {
		const variables = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
		if (!variables.includes(`${RUN_MARK}=${this.#run}`)) return undefined;
		const mark = variables.find((each) => each.startsWith(`${MACHINE_MARK}=`));
		return mark?.slice(MACHINE_MARK.length + 1) as MachineName | undefined;
	}

	/** Bytes of memory that the process with this in its command line holds now, on that machine. */
	residentBytes(machine: MachineName, command: string): number {
		const found = this.list().find((use) => use.machine === machine && use.command.includes(command));
		if (!found) throw new Error(`There is no process of ${command} on ${machine}.`);
		return Number(/^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${found.pid}/status`, 'utf8'))?.[1]) * 1024;
	}

	/** Processor seconds of the children of this very process that have ended, and of theirs: of their whole lives. */
	endedCpu(): number {
		return readStat(process.pid).childrenCpu;
	}
}

function readStat(pid: number): { cpu: number; childrenCpu: number; startedAt: number } {
	const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
	// The second field is the name in parentheses, which may hold anything.
	const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
	const [user, system, childUser, childSystem] = fields.slice(11, 15).map((ticks) => Number(ticks) / TICKS_PER_SECOND);
	const childrenCpu = childUser! + childSystem!;
	return { cpu: user! + system! + childrenCpu, childrenCpu, startedAt: Number(fields[19]) / TICKS_PER_SECOND };
}

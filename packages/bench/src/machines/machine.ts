import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** Where something runs: the device that saves, the server, the device that receives. */
export type MachineName = 'a' | 'server' | 'b';

export interface ProgramOptions {
	readonly env?: Readonly<Record<string, string>>;
	/** For its standard input. */
	readonly input?: string;
	readonly cwd?: string;
}

/** Marks the processes of this benchmark, and which machine they belong to; children inherit it. */
export const RUN_MARK = 'MYDB_BENCH_RUN';
export const MACHINE_MARK = 'MYDB_BENCH_MACHINE';

/** One of the three computers, as far as programs can tell: a network address of its own on this machine. */
export class Machine {
	readonly name: MachineName;
	/** That the other two reach it by. */
	readonly address: string;
	readonly #enter: readonly string[];

	/** @param enter what to put before a command so that it runs there. */
	constructor(name: MachineName, address: string, enter: readonly string[]) {
		this.name = name;
		this.address = address;
		this.#enter = enter;
	}

	/** Runs a program to its end. @returns what it said. @throws Error with all it said, unless it ended with 0. */
	async run(command: string, args: readonly string[], options: ProgramOptions = {}): Promise<string> {
		const program = this.start(command, args, options);
		const code = await program.ended;
		if (code === 0) return program.said;
		throw new Error(`${command} ${args.join(' ')} on ${this.name} ended with ${code}:\n${program.said.slice(-2000)}`);
	}

	/** Starts a program that goes on until it is stopped. */
	start(command: string, args: readonly string[], { env = {}, input, cwd }: ProgramOptions = {}): Program {
		const [first = '', ...rest] = [...this.#enter, command, ...args];
		const child = spawn(first, rest, {
			cwd,
			env: { ...withoutSettings(process.env), ...env, [MACHINE_MARK]: this.name },
			// Node's pipe is a socket, and rsync's daemon would take that for its only client.
			stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
		});
		child.stdin?.on('error', () => {}).end(input);
		return new Program(child);
	}
}

/** A program that was started, with everything it says kept. */
export class Program {
	readonly #child: ChildProcess;
	/** Both of its outputs. */
	said = '';
	/** The exit code; null when a signal ended it. */
	readonly ended: Promise<number | null>;

	constructor(child: ChildProcess) {
		this.#child = child;
		this.ended = once(child, 'close').then(([code]) => code as number | null);
		for (const stream of [child.stdout, child.stderr]) {
			stream?.setEncoding('utf8').on('data', (text: string) => {
				this.said += text;
			});
		}
	}

	/** Resolves when it has said it. @throws Error when it ends before. */
	async says(pattern: RegExp): Promise<RegExpExecArray> {
		const { promise, resolve, reject } = Promise.withResolvers<RegExpExecArray>();
		const look = () => {
			const match = pattern.exec(this.said);
			if (match) resolve(match);
		};
		const streams = [this.#child.stdout, this.#child.stderr];
		for (const stream of streams) stream?.on('data', look);
		look();
		void this.ended.then((code) => reject(new Error(`It ended (${code}) and never said ${pattern}:\n${this.said}`)));
		return promise.finally(() => {
			for (const stream of streams) stream?.off('data', look);
		});
	}

	/** Sends it a signal that it understands. */
	tell(signal: NodeJS.Signals): void {
		this.#child.kill(signal);
	}

	/** Asks it to stop; resolves when it is gone. */
	async stop(): Promise<void> {
		this.tell('SIGTERM');
		await this.ended;
	}
}

/** The settings of whoever runs the benchmark are not those of the programs that are measured. */
const withoutSettings = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
	Object.fromEntries(Object.entries(env).filter(([name]) => !/^(MYDROPBOX_|RSYNC_|UNISON|RCLONE_|ST[A-Z])/.test(name)));

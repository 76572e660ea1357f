import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Finished {
	/** null when a signal ended it. */
	readonly code: number | null;
	readonly stdout: string;
	readonly stderr: string;
}

export interface ProgramOptions {
	readonly env?: NodeJS.ProcessEnv;
	/** For its standard input. */
	readonly input?: string;
	/** Instead of this Node. */
	readonly command?: string;
	/** Lets it notice when the tests are gone. */
	readonly ipc?: boolean;
}

/** A program of this repository, run by this Node, with everything it says kept. */
export class Program {
	readonly child: ChildProcess;
	stdout = '';
	stderr = '';
	readonly #heard = new EventTarget();
	readonly #ended: Promise<number | null>;

	constructor(args: readonly string[], options: ProgramOptions = {}) {
		const { env = {}, input, command = process.execPath, ipc = false } = options;
		this.child = spawn(command, args, {
			env: { ...withoutOwnSettings(process.env), ...env },
			stdio: ['pipe', 'pipe', 'pipe', ...(ipc ? (['ipc'] as const) : [])],
		});
		this.child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#hear('stdout', text));
		this.child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#hear('stderr', text));
		this.child.stdin?.end(input);
		this.#ended = once(this.child, 'close').then(([code]) => code as number | null);
	}

	#hear(stream: 'stdout' | 'stderr', text: string): void {
		this[stream] += text;
		this.#heard.dispatchEvent(new Event('text'));
	}

	/** Resolves when the program has said it on standard output; rejects when it ends before. */
	async says(pattern: RegExp): Promise<RegExpExecArray> {
		const { promise, resolve, reject } = Promise.withResolvers<RegExpExecArray>();
		const look = () => {
			const match = pattern.exec(this.stdout);
			if (match) resolve(match);
		};
		this.#heard.addEventListener('text', look);
		look();
		void this.#ended.then((code) => {
			look();
			reject(new Error(`It ended (${code}) and never said ${pattern}.\n${this.stdout}\n${this.stderr}`));
		});
		return promise.finally(() => this.#heard.removeEventListener('text', look));
	}

	/** @returns the exit code; null when a signal ended it. */
	get ended(): Promise<number | null> {
		return this.#ended;
	}

	get isRunning(): boolean {
		return this.child.exitCode === null && this.child.signalCode === null;
	}

	async end(signal: NodeJS.Signals): Promise<number | null> {
		this.child.kill(signal);
		return this.#ended;
	}
}

/** Runs a program to its end. */
export async function runProgram(args: readonly string[], options: ProgramOptions = {}): Promise<Finished> {
	const program = new Program(args, options);
	const code = await program.ended;
	return { code, stdout: program.stdout, stderr: program.stderr };
}

/** The settings of whoever runs the tests are not those of the programs under test. */
const withoutOwnSettings = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
	Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('MYDROPBOX_')));

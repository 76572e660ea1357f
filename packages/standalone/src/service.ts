import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { StartupError } from '@mydropbox/server-kit';
import type { BoundedLog } from './bounded-log.ts';
import type { ServiceSpec } from './services.ts';

/** A server finishes what is in flight within ten seconds by itself. */
const STOPS_WITHIN_MS = 15_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** After this long a server counts as healthy, and its next restart comes quickly again. */
const HEALTHY_AFTER_MS = 60_000;
/** pino's names, worst first. */
const SHOWN_LEVELS = ['fatal', 'error'];
const SHOWN_WHILE_STARTING = [...SHOWN_LEVELS, 'warn'];

/**
 * Node's flags for a server. V8 lets young objects take 128 MB of a server that is busy, and with them the buffers that
 * they hold; 32 MB cost no time. It reads this only when it starts.
 */
const NODE_FLAGS = ['--max-semi-space-size=16'];

/** One server as a child process: started, watched, started again when it dies, stopped. */
export class Service {
	readonly #spec: ServiceSpec;
	readonly #log: BoundedLog;
	readonly #tell: (message: string) => void;
	#child: ChildProcess | undefined;
	#isReady = false;
	#isStopping = false;
	#pauseMs = FIRST_PAUSE_MS;
	#restart: NodeJS.Timeout | undefined;

	/** `tell` takes what whoever sits at the terminal should know. */
	constructor(spec: ServiceSpec, log: BoundedLog, tell: (message: string) => void) {
		this.#spec = spec;
		this.#log = log;
		this.#tell = tell;
	}

	/**
	 * Resolves when the server is ready. From then on it is started again whenever it ends.
	 * @throws StartupError when it ends before it was ready.
	 */
	async start(): Promise<void> {
		const child = this.#spawn();
		const started = Date.now();
		const { promise, resolve, reject } = Promise.withResolvers<void>();
		child.once('message', () => {
			this.#isReady = true;
			resolve();
		});
		child.once('error', reject);
		child.once('exit', (code, signal) => {
			this.#child = undefined;
			const end = signal ? `was killed (${signal})` : `ended (exit code ${code})`;
			if (!this.#isReady) reject(new StartupError(`The ${this.#spec.name} server ${end} before it was ready.`));
			else if (!this.#isStopping) this.#startAgain(end, Date.now() - started);
			this.#isReady = false;
		});
		await promise;
	}

	#spawn(): ChildProcess {
		const { script, args, env } = this.#spec;
		const child = spawn(process.execPath, [...NODE_FLAGS, script, ...args], {
			env: { ...withoutOwnSettings(process.env), ...env },
			stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
			// A group of its own: Ctrl-C reaches only the supervisor, which stops the servers in order.
			detached: process.platform !== 'win32',
			windowsHide: true,
		});
		this.#child = child;
		if (child.stdout) eachLine(child.stdout, (line) => this.#logged(line));
		if (child.stderr) eachLine(child.stderr, (line) => this.#complained(line));
		return child;
	}

	#logged(line: string): void {
		this.#log.write(`${line}\n`);
		const entry = readEntry(line);
		const shown = this.#isReady ? SHOWN_LEVELS : SHOWN_WHILE_STARTING;
		if (entry && shown.includes(entry.level)) this.#tell(`[${this.#spec.name}] ${entry.level}: ${entry.msg}`);
	}

	#complained(line: string): void {
		this.#log.write(`${line}\n`);
		this.#tell(`[${this.#spec.name}] ${line}`);
	}

	#startAgain(end: string, livedMs: number): void {
		if (livedMs > HEALTHY_AFTER_MS) this.#pauseMs = FIRST_PAUSE_MS;
		this.#tell(`The ${this.#spec.name} server ${end}. It is started again in ${this.#pauseMs / 1000} s.`);
		this.#restart = setTimeout(() => {
			this.start().then(
				() => this.#tell(`The ${this.#spec.name} server runs again.`),
				(error: Error) => !this.#isStopping && this.#startAgain(error.message, 0),
			);
		}, this.#pauseMs);
		this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_PAUSE_MS);
	}

	/** Lets it finish what is in flight, and after a while does not. Resolves when it is gone. */
	async stop(): Promise<void> {
		this.#isStopping = true;
		clearTimeout(this.#restart);
		const child = this.#child;
		if (!child) return;
		const gone = once(child, 'exit');
		child.kill('SIGTERM');
		const enough = setTimeout(() => child.kill('SIGKILL'), STOPS_WITHIN_MS);
		await gone;
		clearTimeout(enough);
	}

	/** Ends it at once. */
	kill(): void {
		this.#isStopping = true;
		clearTimeout(this.#restart);
		this.#child?.kill('SIGKILL');
	}
}

/** `MYDROPBOX_…` of the supervisor is not meant for the servers, which have settings of the same names. */
const withoutOwnSettings = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
	Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('MYDROPBOX_')));

/** Not Node's readline, which also ends lines at U+2028: what a stranger sent could then pass for an entry of its own. */
export function eachLine(stream: Readable, take: (line: string) => void): void {
	let unfinished = '';
	stream.setEncoding('utf8');
	stream.on('data', (text: string) => {
		const lines = (unfinished + text).split('\n');
		unfinished = lines.pop() ?? '';
		lines.forEach(take);
	});
	stream.on('end', () => unfinished && take(unfinished));
}

function readEntry(line: string): { level: string; msg: string } | undefined {
	try {
		const { level, msg } = JSON.parse(line);
		return { level: String(level), msg: String(msg) };
	} catch {
		return undefined;
	}
}

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';

type Shell = ChildProcessByStdio<Writable, Readable, null>;

/** Answers each line with y or n. */
const SCRIPT = 'while read -r _; do if "$0" -f "$1"; then echo y; else echo n; fi; done';

/**
 * Makes durable what was written to the file system of a path. Node has no syncfs(2); the `sync` of GNU and of BusyBox has.
 * A shell starts it, which stays for the next time: a process with much memory takes longer to fork than the disk to sync.
 */
export class WholeDiskSync {
	readonly #path: string;
	readonly #program: string;
	#shell: Shell | undefined;
	#answer: (answer: string) => void = () => undefined;
	#running: Promise<void> = Promise.resolve();
	#next: Promise<void> | undefined;

	constructor(path: string, program = 'sync') {
		this.#path = path;
		this.#program = program;
	}

	/** One that is under way may have passed already what was written last; so the next one is for all who wait for it. */
	run(): Promise<void> {
		this.#next ??= this.#running
			.catch(() => undefined)
			.then(() => {
				this.#next = undefined;
				this.#running = this.#sync();
				return this.#running;
			});
		return this.#next;
	}

	async #sync(): Promise<void> {
		const answer = new Promise<string>((resolve) => {
			this.#answer = resolve;
		});
		this.#shell ??= this.#startShell();
		this.#shell.stdin.write('\n');
		if ((await answer) === 'y') return;
		throw Object.assign(new Error(`${this.#program} -f ${this.#path} failed`), { code: 'ENOSYS' });
	}

	/** It ends with this thread, when nobody can ask it any more; and no thread waits for it to end. */
	#startShell(): Shell {
		const shell = spawn('sh', ['-c', SCRIPT, this.#program, this.#path], { stdio: ['pipe', 'pipe', 'ignore'] });
		// What comes late from one that was given up is no answer to what another one is asked.
		const hear = (answer: string) => {
			if (this.#shell === shell) this.#answer(answer);
		};
		const isGone = () => {
			hear('');
			if (this.#shell === shell) this.#shell = undefined;
		};
		shell.on('error', isGone).on('close', isGone);
		shell.stdin.on('error', isGone);
		shell.stdout.on('data', (answer) => hear(String(answer).trim()));
		shell.unref();
		for (const pipe of [shell.stdin, shell.stdout]) (pipe as unknown as Socket).unref();
		return shell;
	}
}

import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';

/** Answers each line with y or n. */
const SCRIPT = 'while read -r _; do if sync -f "$1"; then echo y; else echo n; fi; done';

/**
 * Makes durable what was written to the file system of a path. Node has no syncfs(2); the `sync` of GNU and of BusyBox has.
 * A shell starts it, which stays for the next time: a process with much memory takes longer to fork than the disk to sync.
 */
export class WholeDiskSync {
	readonly #path: string;
	/** Writes to the shell; undefined: there is none. */
	#ask: (() => void) | undefined;
	#answer: (answer: string) => void = () => undefined;
	#running: Promise<void> = Promise.resolve();
	#next: Promise<void> | undefined;

	constructor(path: string) {
		this.#path = path;
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
		this.#ask ??= this.#startShell();
		this.#ask();
		if ((await answer) === 'y') return;
		throw Object.assign(new Error(`sync -f ${this.#path} failed`), { code: 'ENOSYS' });
	}

	/** It ends with this thread, when nobody can ask it any more; and no thread waits for it to end. */
	#startShell(): () => void {
		const shell = spawn('sh', ['-c', SCRIPT, 'sh', this.#path], { stdio: ['pipe', 'pipe', 'ignore'] });
		const isGone = () => {
			this.#ask = undefined;
			this.#answer('');
		};
		shell.on('error', isGone).on('close', isGone);
		shell.stdin.on('error', isGone);
		shell.stdout.on('data', (answer) => this.#answer(String(answer).trim()));
		shell.unref();
		for (const pipe of [shell.stdin, shell.stdout]) (pipe as unknown as Socket).unref();
		return () => void shell.stdin.write('\n');
	}
}

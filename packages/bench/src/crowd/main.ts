import { once } from 'node:events';
import { type Accounts, type SignedIn, signInAll } from './account.ts';
import { keepPolling } from './polls.ts';
import { work } from './work.ts';

/** A program of its own, so that what it does does not get in the way of the clock of the benchmark. */
export type Task =
	| { readonly kind: 'work'; readonly everyMs: number }
	| { readonly kind: 'polls'; readonly polls: number };

/**
 * What the program is told, as its only argument. It says "signed in" and waits for SIGUSR2; then "under way", and goes on
 * until SIGTERM; then what was done.
 */
export interface Assignment {
	readonly accounts: Accounts;
	readonly task: Task;
}

const TASKS = {
	work: (devices: readonly SignedIn[], task: Task & { kind: 'work' }, stopping: AbortSignal) =>
		work(devices, task.everyMs, stopping, say),
	polls: (devices: readonly SignedIn[], task: Task & { kind: 'polls' }, stopping: AbortSignal) =>
		keepPolling(devices, task.polls, stopping, say),
};

function say(line: string): void {
	console.log(line);
}

async function main({ accounts, task }: Assignment): Promise<void> {
	const stopping = new AbortController();
	process.once('SIGTERM', () => stopping.abort());
	const go = once(process, 'SIGUSR2');
	// A process that waits for nothing but a signal would end.
	setInterval(() => {}, 60_000);
	const devices = await signInAll(accounts);
	say('signed in');
	await go;
	say(await TASKS[task.kind](devices, task as never, stopping.signal));
}

await main(JSON.parse(process.argv[2]!));
process.exit(0);

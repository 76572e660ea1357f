import { execFileSync } from 'node:child_process';
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The directory in which a test leaves its orders and finds what was reached. */
export const BOUNDARIES = 'MYDROPBOX_TEST_BOUNDARIES';

/** Names the start of the machine that the daemon takes this for; the true one when it is not set. */
export const BOOT = 'MYDROPBOX_TEST_BOOT';

export interface Orders {
	/** Other orders have another number; counting begins anew with them. */
	readonly number?: number;
	/** The boundary before which the process kills itself. */
	readonly dieAt?: string | undefined;
	/** A program with its arguments that runs at each boundary, while this thread waits. */
	readonly atEach?: readonly [string, ...string[]];
	/** Calls to the disk that pretend to be done: what a test must be able to find missing. */
	readonly without?: readonly string[];
}

export const ordersFile = (directory: string): string => join(directory, 'orders.json');
export const reachedFile = (directory: string): string => join(directory, 'reached');

/**
 * The moments before something leaves the daemon: each call that changes the disk, each commit of the database, each
 * request. To die before a call that only looks, or after one that does not, is to die before the next of these.
 * A boundary is called after what is about to happen, and how many times it has: `publish.link#2`. Counting begins with
 * the orders, in each thread by itself; no name occurs in two threads.
 */
export class Boundaries {
	readonly #directory = process.env[BOUNDARIES]!;
	readonly #counts = new Map<string, number>();
	#number: number | undefined;

	get orders(): Orders | undefined {
		try {
			return JSON.parse(readFileSync(ordersFile(this.#directory), 'utf8'));
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
			throw error;
		}
	}

	reach(what: string): void {
		const { orders } = this;
		if (!orders) return;
		if (orders.number !== this.#number) this.#counts.clear();
		this.#number = orders.number;
		const count = (this.#counts.get(what) ?? 0) + 1;
		this.#counts.set(what, count);
		const name = `${what}#${count}`;
		appendFileSync(reachedFile(this.#directory), `${name}\n`);
		if (orders.dieAt === name) process.kill(process.pid, 'SIGKILL');
		if (orders.atEach) execFileSync(orders.atEach[0], [...orders.atEach.slice(1), name]);
	}
}

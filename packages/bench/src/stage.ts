import { renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine } from './machines/machine.ts';
import { Meter, type Use } from './machines/meter.ts';
import type { Network } from './machines/network.ts';
import type { OwnProcesses } from './machines/processes.ts';
import type { Installation, Peer } from './peers/peer.ts';
import type { Measured } from './results.ts';
import { arrived, differences, readEntry, readTree, type Tree } from './tree.ts';

/** Longer than the slowest peer takes for the largest workload. */
const PATIENCE_MS = 20 * 60_000;
const SHOWN_DIFFERENCES = 5;

/** What B must look like after a change of A. */
export interface Arrival {
	readonly present: Tree;
	readonly absent: readonly string[];
}

/** Changes A, in no time worth mentioning. */
export type Change = () => Arrival;

export interface StageOptions {
	readonly peer: Peer;
	readonly installation: Installation;
	readonly network: Network;
	readonly own: OwnProcesses;
	readonly folderA: string;
	readonly folderB: string;
	/** Of this run alone, on the same file system as A. */
	readonly staging: string;
	/** What is made once and shared by all runs. */
	readonly library: string;
	readonly record: (measured: Measured) => void;
	/** Says something to whoever watches. */
	readonly tell: (line: string) => void;
}

/** One peer, set up and running, and what a workload can do with it. */
export class Stage {
	readonly #options: StageOptions;

	constructor(options: StageOptions) {
		this.#options = options;
	}

	get installation(): Installation {
		return this.#options.installation;
	}

	get folderA(): string {
		return this.#options.folderA;
	}

	get staging(): string {
		return this.#options.staging;
	}

	get library(): string {
		return this.#options.library;
	}

	/** Where the devices of others are: the machine of A. */
	get crowded(): Machine {
		return this.#options.network.a;
	}

	/** Bytes that a process of the server holds now. */
	serverBytes(command: string): number {
		return this.#options.own.residentBytes('server', command);
	}

	tell(line: string): void {
		this.#options.tell(line);
	}

	record(measured: Measured): void {
		this.#options.record(measured);
	}

	/** A copy of the original comes into A's folder under its name, whole and at once. */
	async arrivalOf(original: string, name: string): Promise<Change> {
		const staged = join(this.staging, name);
		await this.#options.network.server.run('cp', ['-a', original, staged]);
		const entry = readEntry(staged);
		const below = entry.kind === 'folder' ? readTree(staged, name) : [];
		const present = new Map([[name, entry], ...below]);
		return () => {
			renameSync(staged, join(this.folderA, name));
			return { present, absent: [] };
		};
	}

	/** From the change of A until B has all of it. Compares every byte afterwards. @throws Error when they differ. */
	async carry(change: Change): Promise<Use> {
		const use = await this.measure(() => this.deliver(change));
		await this.verify();
		return use;
	}

	/** Changes A; resolves when B has all of it. */
	async deliver(change: Change): Promise<void> {
		const { present, absent } = change();
		await this.installation.carry();
		await arrived(this.#options.folderB, present, absent, this.#options.peer.carries, PATIENCE_MS);
	}

	async measure(action: () => Promise<void>): Promise<Use> {
		const { own, network, folderA } = this.#options;
		// What others have left for the disk to write is not paid for by this one.
		await network.server.run('sync', ['--file-system', folderA]);
		const meter = new Meter(own, network);
		try {
			await action();
		} catch (error) {
			meter.stop();
			throw error;
		}
		return meter.stop();
	}

	/** Does it while A and B are on lines of so many Mbit/s. */
	async onSlowLines(megabits: number, action: () => Promise<void>): Promise<void> {
		const { network } = this.#options;
		network.limit(megabits);
		try {
			await action();
		} finally {
			network.limit(undefined);
		}
	}

	async verify(): Promise<void> {
		const { peer, folderA, folderB } = this.#options;
		await this.installation.quiet();
		const wrong = differences(folderA, folderB, peer.ownNames, peer.carries);
		if (wrong.length === 0) return;
		const more = wrong.length > SHOWN_DIFFERENCES ? `; and ${wrong.length - SHOWN_DIFFERENCES} more` : '';
		throw new Error(`A and B differ: ${wrong.slice(0, SHOWN_DIFFERENCES).join('; ')}${more}`);
	}
}

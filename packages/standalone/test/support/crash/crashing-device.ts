import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ChildDevice } from '../child-device.ts';
import { BOOT, BOUNDARIES, type Orders, ordersFile, reachedFile } from './boundaries.ts';

const DAEMON = resolve(import.meta.dirname, 'daemon.ts');

/** A device whose daemon says what it does, and can be told where to die. */
export class CrashingDevice extends ChildDevice {
	/** Counts the starts of its machine. */
	boots = 1;
	readonly #boundaries: string;
	#orders = 0;

	constructor(name: string, directory: string, places?: { home?: string; folder?: string }) {
		super(name, directory, places);
		this.#boundaries = join(directory, 'boundaries');
		mkdirSync(this.#boundaries, { recursive: true });
	}

	protected override get program() {
		return { script: DAEMON, env: { [BOUNDARIES]: this.#boundaries, [BOOT]: String(this.boots) } };
	}

	override async start(orders?: Orders): Promise<void> {
		this.order(orders);
		await super.start();
	}

	/** From now on; nothing is reached without orders. */
	order(orders: Orders | undefined): void {
		rmSync(reachedFile(this.#boundaries), { force: true });
		if (orders) writeFileSync(ordersFile(this.#boundaries), JSON.stringify({ ...orders, number: ++this.#orders }));
		else rmSync(ordersFile(this.#boundaries), { force: true });
	}

	/** Names of the boundaries reached since the last order. */
	get reached(): string[] {
		const file = reachedFile(this.#boundaries);
		return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
	}
}

import { cpSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterwards } from '../cleanup.ts';
import { CrashingDevice } from '../crash/crashing-device.ts';
import { beginDays, spendDay } from '../crash/day.ts';
import type { Person, Product } from '../product.ts';
import { differences, type Tree, treeOf } from '../tree-of.ts';
import { type FileSystemKind, LossyDisk } from './lossy-disk.ts';

const KEEP_CUT = resolve(import.meta.dirname, 'keep-cut.sh');

export interface PowerCutOptions {
	readonly fileSystem: FileSystemKind;
	/** The state on another disk, which loses nothing: it knows things that the folder's disk has forgotten. */
	readonly apart: boolean;
	/** Calls that the daemon leaves out. */
	readonly without?: readonly string[];
}

/**
 * A device receives a day's work, and whenever its disk has changed, what a power cut would leave is kept. As it has
 * nothing to send, each of these is a past of its own that could have gone on from there: the server is the same for all.
 */
export class PowerCuts {
	readonly #options: PowerCutOptions;
	readonly #disk: LossyDisk;
	readonly #directory: string;
	readonly #sender: CrashingDevice;
	readonly #receiver: CrashingDevice;
	#expected: Tree = new Map();

	private constructor(options: PowerCutOptions, disk: LossyDisk, directory: string) {
		this.#options = options;
		this.#disk = disk;
		this.#directory = directory;
		this.#sender = new CrashingDevice('sender', join(directory, 'sender'));
		this.#receiver = new CrashingDevice('receiver', join(directory, 'receiver'), {
			folder: join(disk.path, 'myDropbox'),
			...(options.apart ? {} : { home: join(disk.path, 'home') }),
		});
	}

	static async record(product: Product, person: Person, options: PowerCutOptions): Promise<PowerCuts> {
		const directory = await mkdtemp(join(tmpdir(), 'mydropbox-power-'));
		afterwards(() => rm(directory, { recursive: true, force: true }));
		const cuts = new PowerCuts(options, await LossyDisk.make(options.fileSystem), directory);
		await cuts.#record(product, person);
		return cuts;
	}

	async #record(product: Product, person: Person): Promise<void> {
		const [sender, receiver] = [this.#sender, this.#receiver];
		mkdirSync(this.#cuts);
		for (const device of [sender, receiver]) await device.login(product, person);
		await beginDays(sender.folder);
		for (const device of [sender, receiver]) await device.start();
		for (const device of [sender, receiver]) await device.settled();
		await receiver.pause();
		await spendDay(sender.folder, 1);
		await sender.settled();
		this.#expected = await treeOf(sender.folder);

		this.#disk.sync();
		const { image, statistics } = this.#disk;
		const home = this.#options.apart ? receiver.home : '';
		receiver.order({
			atEach: [KEEP_CUT, image, statistics, home, this.#cuts],
			...(this.#options.without ? { without: this.#options.without } : {}),
		});
		await receiver.resume();
		await receiver.settled();
		await receiver.end('SIGKILL');
	}

	get #cuts(): string {
		return join(this.#directory, 'cuts');
	}

	/** Names of the boundaries at which the disk was not as at the one before, first to last. */
	get names(): string[] {
		const age = (name: string) => statSync(join(this.#cuts, name)).birthtimeMs;
		return readdirSync(this.#cuts)
			.filter((name) => name !== 'last')
			.sort((a, b) => age(a) - age(b));
	}

	/** The machine starts again after that power cut. @returns what is wrong once everything is quiet. */
	async restartAfter(name: string): Promise<string[]> {
		const [sender, receiver] = [this.#sender, this.#receiver];
		const cut = join(this.#cuts, name);
		this.#disk.restart(join(cut, 'image'));
		if (this.#options.apart) {
			rmSync(join(receiver.home, 'state'), { recursive: true });
			cpSync(join(cut, 'state'), join(receiver.home, 'state'), { recursive: true });
		}
		receiver.boots++;
		await receiver.start({});
		await receiver.settled();
		const sent = receiver.reached.filter((boundary) => boundary.startsWith('server.commit'));
		await sender.settled();
		const wrong = [
			...sent.map((boundary) => `the receiver, which has nothing to say, reached ${boundary}`),
			...differences(this.#expected, await treeOf(sender.folder)).map((line) => `sender: ${line}`),
			...differences(this.#expected, await treeOf(receiver.folder)).map((line) => `receiver: ${line}`),
			...readdirSync(receiver.path('.mydropbox', 'tmp')).map((left) => `${left} stays in tmp`),
		];
		await receiver.end('SIGKILL');
		return wrong.map((line) => `after a power cut before ${name}: ${line}`);
	}
}

import * as fs from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import type { Observation, Shown, Value } from '@mydropbox/testkit';
import { ChildDevice } from './child-device.ts';
import { afterwards } from './cleanup.ts';
import type { Person, Product } from './product.ts';

/** What a test does; `file` and `device` are numbers. */
export type Step =
	| { readonly do: 'read' | 'delete'; readonly device: number; readonly file: number }
	| { readonly do: 'write'; readonly device: number; readonly file: number; readonly value: string }
	/** Unseen by the model: they only change what is likely to happen. */
	| { readonly do: 'pause' | 'resume' | 'settle' | 'kill'; readonly device: number }
	| { readonly do: 'pass'; readonly milliseconds: number }
	| { readonly do: 'stabilize' };

/** Devices of one person on which a test reads and writes some files, each of which has a story of its own. */
export class Crew {
	readonly devices: readonly ChildDevice[];
	/** On the same disk as the folders, where what is deleted is looked at. */
	readonly #aside: string;
	#stories = 0;

	private constructor(directory: string, names: readonly string[]) {
		this.#aside = join(directory, 'aside');
		this.devices = names.map((name) => new ChildDevice(name, join(directory, name)));
	}

	static async open(product: Product, person: Person, names: readonly string[]): Promise<Crew> {
		const directory = await mkdtemp(join(tmpdir(), 'mydropbox-crew-'));
		afterwards(() => rm(directory, { recursive: true, force: true }));
		const crew = new Crew(directory, names);
		for (const device of crew.devices) {
			await device.login(product, person);
			// A person would not delete so many of so few in minutes.
			device.configure({ massDeletes: { files: 1e6, share: 1, shareFrom: 1e6 } });
		}
		await Promise.all(crew.devices.map((device) => device.start()));
		await crew.settle();
		return crew;
	}

	/** All have sent what they have, and then received what the others had. */
	async settle(): Promise<void> {
		for (const device of this.devices) await device.resume();
		for (let round = 0; round < 3; round++) await Promise.all(this.devices.map((device) => device.settled()));
	}

	/** @returns the trace of each file. */
	async play(steps: readonly Step[], files: number): Promise<Observation[][]> {
		const story = ++this.#stories;
		const names = Array.from({ length: files }, (_, file) => `story ${story} file ${file}`);
		const traces = names.map((): Observation[] => []);
		const paused = new Set<number>();
		for (const step of [...steps, { do: 'stabilize' } as const]) {
			switch (step.do) {
				case 'pass':
					await pass(step.milliseconds);
					break;
				case 'stabilize':
					await this.settle();
					paused.clear();
					for (const [file, name] of names.entries())
						traces[file]!.push({
							type: 'stabilize',
							devices: this.devices.map((device) => this.#shown(device.folder, name)),
						});
					break;
				case 'read':
				case 'write':
				case 'delete':
					traces[step.file]!.push(this.#touch(step, names[step.file]!));
					break;
				default:
					await this.#steer(step, paused);
			}
		}
		return traces;
	}

	#touch(step: Step & { do: 'read' | 'write' | 'delete' }, name: string): Observation {
		const { device } = step;
		const path = this.devices[device]!.path(name);
		if (step.do === 'read') return { type: 'read', device, value: read(path) };
		const old = step.do === 'write' ? write(path, step.value, this.#aside) : remove(path, this.#aside);
		return { type: 'write', device, value: step.do === 'write' ? step.value : null, old };
	}

	/** A file, and all that was made of it under other names. */
	#shown(folder: string, name: string): Shown {
		const others = fs.readdirSync(folder).filter((other) => other.includes(name) && other !== name);
		const conflicts = others.map((other) => {
			const by = /\(conflicted copy, (\w+), [\d -]+\)/.exec(other)?.[1];
			// -1 for what should not be there at all.
			return { value: read(join(folder, other)) ?? '', device: this.devices.findIndex((device) => device.name === by) };
		});
		return { value: read(join(folder, name)), conflicts };
	}

	async #steer(step: Step & { do: 'pause' | 'resume' | 'settle' | 'kill' }, paused: Set<number>): Promise<void> {
		const device = this.devices[step.device]!;
		if (step.do === 'settle') {
			// One that is paused would never be up to date.
			if (!paused.has(step.device)) await device.settled();
		} else if (step.do === 'kill') {
			await device.end('SIGKILL');
			await device.start();
		} else {
			await device[step.do]();
			if (step.do === 'pause') paused.add(step.device);
			else paused.delete(step.device);
		}
	}
}

function read(path: string): Value {
	try {
		return fs.readFileSync(path, 'utf8');
	} catch (error) {
		if (isCode(error, 'ENOENT')) return null;
		throw error;
	}
}

/**
 * In place. Whatever the machine does between two calls, there is no moment in which a daemon could see half of it.
 * @returns exactly what was written over.
 */
function write(path: string, value: string, aside: string): Value {
	for (;;) {
		try {
			return writeOver(path, value) ?? writeNew(path, value, `${aside} new`);
		} catch (error) {
			// The daemon was faster.
			if (!isCode(error, 'EEXIST')) throw error;
		}
	}
}

/** @returns null when there is nothing to write over. */
function writeOver(path: string, value: string): Value {
	let file: number;
	try {
		file = fs.openSync(path, 'r+');
	} catch (error) {
		if (isCode(error, 'ENOENT')) return null;
		throw error;
	}
	try {
		const old = fs.readFileSync(file, 'utf8');
		// All are equally long.
		fs.writeSync(file, value, 0);
		return old;
	} finally {
		fs.closeSync(file);
	}
}

function writeNew(path: string, value: string, aside: string): null {
	fs.writeFileSync(aside, value, { flag: 'wx' });
	try {
		fs.linkSync(aside, path);
	} finally {
		fs.unlinkSync(aside);
	}
	return null;
}

/** @returns exactly what was there. */
function remove(path: string, aside: string): Value {
	try {
		fs.renameSync(path, aside);
	} catch (error) {
		if (isCode(error, 'ENOENT')) return null;
		throw error;
	}
	return fs.readFileSync(aside, 'utf8');
}

const isCode = (error: unknown, code: string): boolean => (error as NodeJS.ErrnoException).code === code;

import { explain, type Observation, type Shown, type Value } from '@mydropbox/testkit';
import type { Device } from './device.ts';
import type { Inode } from './disk/inode.ts';
import { ROOT } from './places.ts';
import { IN_STORIES, visible } from './user.ts';

/** What is in the name of a conflicted copy, and of a copy of one. */
const COPY = / \(conflicted copy, (\w+), [\d -]+\)/g;
/** Of the observations of a file that nothing explains, the last ones are told. */
const TOLD = 12;

/** All that happens to a few files on all devices, seen in every moment in which anything changes; a model says whether it may. */
export class Story {
	readonly #devices: readonly Device[];
	readonly #traces = new Map([...IN_STORIES].map((path): [string, Observation[]] => [path, []]));

	constructor(devices: readonly Device[]) {
		this.#devices = devices;
	}

	/** Somebody writes or deletes. What is written again is written, too: only the bytes tell. */
	acts(device: Device, work: () => void): void {
		const before = new Map([...IN_STORIES].map((path) => [path, look(device, path)]));
		try {
			work();
		} finally {
			for (const [path, { value: old, bytes }] of before) {
				const after = look(device, path);
				if (after.bytes !== bytes)
					this.#note(path, { type: 'write', device: this.#number(device), value: after.value, old });
			}
		}
	}

	/** The daemon has changed something. */
	changed(device: Device, path: string): void {
		if (!IN_STORIES.has(path)) return;
		const [number, { value }] = [this.#number(device), look(device, path)];
		const last = this.#traces.get(path)!.findLast((seen) => 'value' in seen && seen.device === number);
		if (value !== (last && 'value' in last ? last.value : null))
			this.#note(path, { type: 'read', device: number, value });
	}

	/** The daemon dies, and has not recorded what it was just putting into the folder under these names. */
	died(device: Device, names: readonly string[]): void {
		for (const name of names) {
			const path = `${ROOT}/${name}`;
			if (IN_STORIES.has(path)) this.#note(path, { type: 'death', device: this.#number(device) });
		}
	}

	/** When everything is quiet. @returns what cannot be explained, if anything. */
	unexplained(): string | undefined {
		const shown = this.#devices.map((device) => this.#shown(device));
		for (const [path, trace] of this.#traces) {
			const ends = shown.map((files) => files.get(path)!);
			const hasDied = trace.some(({ type }) => type === 'death');
			const devices = hasDied ? ends.map(({ value, conflicts }) => ({ value, conflicts: unlike(conflicts) })) : ends;
			if (!this.#hasRecovered()) trace.push({ type: 'stabilize', devices });
			const found = explain(this.#devices.length, trace, true);
			if (found.explained) continue;
			const history = trace
				.slice(0, found.at + 1)
				.slice(-TOLD)
				.map(tell);
			return `${path}: ${found.because}, after ${found.at} observations, the last of them: ${history.join('; ')}`;
		}
		return undefined;
	}

	/** What a daemon that died had kept is a copy of which nobody can say of what, and who made it. */
	#hasRecovered(): boolean {
		const names = [...this.#devices[0]!.disk.get(ROOT).children.keys()];
		return names.some((name) => name.startsWith('recovered '));
	}

	#note(path: string, observation: Observation): void {
		this.#traces.get(path)!.push(observation);
	}

	#number(device: Device): number {
		return this.#devices.indexOf(device);
	}

	/** Each file with the conflicted copies of it. */
	#shown(device: Device): Map<string, Shown> {
		const copies = new Map([...IN_STORIES].map((path): [string, Shown['conflicts'][number][]] => [path, []]));
		for (const { path, inode } of visible(device.disk, ROOT, '.mydropbox')) {
			if (IN_STORIES.has(path)) continue;
			const makers = [...path.matchAll(COPY)].map(([, by]) => by);
			const number = this.#devices.findIndex(({ name }) => name === makers.at(-1));
			copies.get(path.replaceAll(COPY, ''))?.push({ value: contentOf(inode), device: number });
		}
		return new Map([...copies].map(([path, conflicts]) => [path, { value: look(device, path).value, conflicts }]));
	}
}

/** A daemon that dies when it has just made a copy, and not yet put the other version in its place, makes it once more. */
const unlike = (copies: Shown['conflicts']): Shown['conflicts'] =>
	copies.filter(
		({ value, device }, at) => copies.findIndex((one) => one.value === value && one.device === device) === at,
	);

function look({ disk }: Device, path: string): { value: Value; bytes: Uint8Array | undefined } {
	const inode = disk.find(path);
	return { value: inode ? contentOf(inode) : null, bytes: inode?.bytes };
}

const contentOf = ({ bytes }: Inode): string => Buffer.from(bytes).toString();

function tell(observation: Observation): string {
	if (observation.type === 'stabilize') return 'all is quiet';
	if (observation.type === 'death') return `the daemon of d${observation.device} dies`;
	const { type, device, value } = observation;
	return type === 'read' ? `d${device} shows ${value}` : `d${device} writes ${value} over ${observation.old}`;
}

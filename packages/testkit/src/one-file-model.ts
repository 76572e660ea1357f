/** What a file holds; null: there is none. Two values are two contents: times and permissions are not looked at. */
export type Value = string | null;

/** What a test did, and saw, in the order in which it did. Devices are numbered from 0. */
export type Observation =
	| { readonly type: 'read'; readonly device: number; readonly value: Value }
	/** `old` is what was written over, or deleted: a write of null. */
	| { readonly type: 'write'; readonly device: number; readonly value: Value; readonly old: Value }
	/** Everything is quiet: what each device shows, and the contents of its conflicted copies. */
	| { readonly type: 'stabilize'; readonly devices: readonly Shown[] };

export interface Shown {
	readonly value: Value;
	readonly conflicts: readonly Copy[];
}

/** A conflicted copy, and the device that made it, which is in its name. */
export interface Copy {
	readonly value: string;
	readonly device: number;
}

interface Device {
	readonly value: Value;
	/** Nobody else has sent anything since it last heard from the server. */
	readonly fresh: boolean;
	/** Nothing was written here since it last sent, or received. */
	readonly clean: boolean;
}

interface State {
	/** What the server has. */
	readonly stable: Value;
	readonly devices: readonly Device[];
	/** Sorted. */
	readonly conflicts: readonly Copy[];
}

export type Explanation =
	| { readonly explained: true }
	/** No history leads to the observation with this number; `because` says what would have been possible. */
	| { readonly explained: false; readonly at: number; readonly because: string };

/**
 * Looks for a history that explains a trace, after "Mysteries of Dropbox" (Hughes, Pierce, Arts, Norell; ICST 2016): at any
 * time, unseen, a device may send what it has (up) or receive what the server has (down). All histories are followed at
 * once; a trace is explained while one is left.
 *
 * Where MyDropbox promises something else than the paper found in Dropbox, this is MyDropbox:
 * - The paper's up of a device that is not fresh makes a conflict at once, and its down comes later. Here one step of the
 *   disk does both: the version becomes a conflicted copy when the server's takes its name, and a save in between counts.
 * - An edit beats a delete, whoever is first, and neither leaves a conflict.
 * - A device makes no conflicted copy of a content that the name has. Of one of which it knows a copy it need not make
 *   another: an edit does not, a new file that finds its name taken does, each time somebody makes one.
 */
export function explain(devices: number, trace: readonly Observation[]): Explanation {
	const nothing: Device = { value: null, fresh: true, clean: true };
	let states = closure([{ stable: null, devices: Array.from({ length: devices }, () => nothing), conflicts: [] }]);
	for (const [at, observation] of trace.entries()) {
		const next = states.flatMap((state) => observe(state, observation) ?? []);
		if (next.length === 0) return { explained: false, at, because: contradiction(states, observation) };
		states = closure(next);
	}
	return { explained: true };
}

/** @returns the state after it, or undefined where it cannot be seen in this one. */
function observe(state: State, observation: Observation): State | undefined {
	switch (observation.type) {
		case 'read':
			return state.devices[observation.device]!.value === observation.value ? state : undefined;
		case 'write': {
			const { device, value, old } = observation;
			const before = state.devices[device]!;
			return before.value === old ? withDevice(state, device, { ...before, value, clean: false }) : undefined;
		}
		case 'stabilize':
			return isStable(state, observation.devices) ? state : undefined;
	}
}

const isStable = ({ stable, devices, conflicts }: State, shown: readonly Shown[]): boolean =>
	devices.every(({ fresh, clean }) => fresh && clean) &&
	shown.every(({ value, conflicts: seen }) => value === stable && same(seen, conflicts));

/** What may happen next that nobody sees. */
function steps(state: State): State[] {
	return state.devices.flatMap((device, number) => {
		if (device.clean) return device.fresh ? [] : [down(state, number)];
		return device.fresh ? [up(state, number)] : meet(state, number);
	});
}

const down = (state: State, number: number): State =>
	withDevice(state, number, { value: state.stable, fresh: true, clean: true });

function up(state: State, number: number): State {
	const { value } = state.devices[number]!;
	const devices = state.devices.map((device, other) =>
		other === number ? { value, fresh: true, clean: true } : { ...device, fresh: false },
	);
	return { ...state, stable: value, devices };
}

/** Written to here, and sent by another since. */
function meet(state: State, number: number): State[] {
	const { value } = state.devices[number]!;
	const { stable, conflicts } = state;
	if (value === null || value === stable) return [down(state, number)];
	if (stable === null) return [up(state, number)];
	const isThere = conflicts.some((copy) => copy.value === value);
	const withCopy = { ...state, conflicts: sorted([...conflicts, { value, device: number }]) };
	return [...(isThere ? [down(state, number)] : []), down(withCopy, number)];
}

const withDevice = (state: State, number: number, device: Device): State => ({
	...state,
	devices: state.devices.map((other, index) => (index === number ? device : other)),
});

/** These states and all that steps lead to. */
function closure(states: readonly State[]): State[] {
	const found = new Map(states.map((state) => [JSON.stringify(state), state]));
	const open = [...found.values()];
	for (let state = open.pop(); state; state = open.pop()) {
		for (const next of steps(state)) {
			const key = JSON.stringify(next);
			if (found.has(key)) continue;
			found.set(key, next);
			open.push(next);
		}
	}
	return [...found.values()];
}

function contradiction(states: readonly State[], observation: Observation): string {
	const could = (options: readonly string[]) => [...new Set(options)].sort().join(' or ');
	if (observation.type !== 'stabilize') {
		const { device, type } = observation;
		const seen = type === 'read' ? observation.value : observation.old;
		const values = states.map(({ devices }) => String(devices[device]!.value));
		return `device ${device} shows ${seen} where it could show ${could(values)}`;
	}
	const quiet = states.filter(({ devices }) => devices.every(({ fresh, clean }) => fresh && clean));
	const ends = quiet.map(({ stable, conflicts }) => describe({ value: stable, conflicts }));
	return `in the end the devices show ${observation.devices.map(describe).join('; ')} where all could show ${could(ends)}`;
}

function describe({ value, conflicts }: Shown): string {
	const copies = sorted(conflicts).map((copy) => `${copy.value} by device ${copy.device}`);
	return copies.length > 0 ? `${value} with conflicted copies of ${copies.join(', ')}` : String(value);
}

const sorted = (copies: readonly Copy[]): Copy[] =>
	[...copies].sort((a, b) => a.device - b.device || (a.value < b.value ? -1 : 1));

const same = (a: readonly Copy[], b: readonly Copy[]): boolean =>
	JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));

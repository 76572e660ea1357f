/** What a file holds; null: there is none. Two values are two contents: times and permissions are not looked at. */
export type Value = string | null;

interface Read {
	readonly type: 'read';
	readonly device: number;
	readonly value: Value;
}

/** What a test did, and saw, in the order in which it did. Devices are numbered from 0. */
export type Observation =
	| Read
	/** `old` is what was written over, or deleted: a write of null. */
	| { readonly type: 'write'; readonly device: number; readonly value: Value; readonly old: Value }
	/**
	 * Its daemon died, and has not recorded what it was just putting there: the next daemon may take what a person has made
	 * of that meanwhile for something of its own.
	 */
	| { readonly type: 'death'; readonly device: number }
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
	/** What it and the server last had in common. */
	readonly base: Value;
	/** What others have sent since then, in their order. */
	readonly news: readonly Value[];
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

/** What is known of the rest of the trace, so that histories that come to nothing are not followed. */
interface Known {
	readonly seesAll: boolean;
	/** What each device shows, or is written there. */
	readonly shown: readonly (readonly Value[])[];
	/** Copies stay: there are never others than these. undefined: nobody looks at them any more. */
	readonly copies: readonly Copy[] | undefined;
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
 * - What arrives may be some time old: others may have sent more while it was fetched. It arrives in the server's order.
 *
 * @param seesAll whether the reads are exactly the changes that daemons made, which leaves far fewer histories.
 */
export function explain(devices: number, trace: readonly Observation[], seesAll = false): Explanation {
	const nothing: Device = { value: null, base: null, news: [], clean: true };
	const begin = { stable: null, devices: Array.from({ length: devices }, () => nothing), conflicts: [] };
	const knownFrom = (at: number): Known => {
		const rest = trace.slice(at);
		const copies = rest.find((seen) => seen.type === 'stabilize')?.devices[0]?.conflicts;
		return { seesAll, copies, shown: begin.devices.map((_, device) => shownBy(device, rest, seesAll)) };
	};
	let states = closure([begin], knownFrom(0));
	for (const [at, observation] of trace.entries()) {
		if (seesAll && observation.type === 'read')
			states = states.flatMap((state) => stepsOf(observation.device, state, knownFrom(at)));
		const next = states.flatMap((state) => observe(state, observation));
		if (next.length === 0) return { explained: false, at, because: contradiction(states, observation) };
		states = closure(next, knownFrom(at + 1));
	}
	return { explained: true };
}

/** @param seesAll whether only what a device shows up to the next change is of interest. */
function shownBy(device: number, trace: readonly Observation[], seesAll: boolean): Value[] {
	const shown: Value[] = [];
	for (const seen of trace) {
		if ((seen.type !== 'read' && seen.type !== 'write') || seen.device !== device) continue;
		shown.push(seen.value, ...(seen.type === 'write' ? [seen.old] : []));
		if (seesAll && seen.type === 'read') break;
	}
	return shown;
}

/** @returns the states after it; none where it cannot be seen in this one. */
function observe(state: State, observation: Observation): State[] {
	switch (observation.type) {
		case 'read':
			return state.devices[observation.device]!.value === observation.value ? [state] : [];
		case 'write': {
			const { device, value, old } = observation;
			const before = state.devices[device]!;
			return before.value === old ? [withDevice(state, device, { ...before, value, clean: false })] : [];
		}
		case 'death': {
			const { device } = observation;
			const before = state.devices[device]!;
			return [state, withDevice(state, device, { ...before, news: [before.base, ...before.news], clean: false })];
		}
		case 'stabilize':
			return isStable(state, observation.devices) ? [state] : [];
	}
}

const isQuiet = ({ news, clean }: Device): boolean => news.length === 0 && clean;

const isStable = ({ stable, devices, conflicts }: State, shown: readonly Shown[]): boolean =>
	devices.every(isQuiet) && shown.every(({ value, conflicts: seen }) => value === stable && same(seen, conflicts));

/** What may happen next that nobody sees. */
const steps = (state: State, known: Known): State[] =>
	state.devices.flatMap((_, number) => stepsOf(number, state, known));

function stepsOf(number: number, state: State, known: Known): State[] {
	const { news, clean } = state.devices[number]!;
	if (news.length === 0) return clean ? [] : [up(state, number, known)];
	return news.flatMap((_, at) => (clean ? [down(state, number, at)] : meet(state, number, at, known)));
}

function down(state: State, number: number, at: number): State {
	const { news } = state.devices[number]!;
	return withDevice(state, number, { value: news[at]!, base: news[at]!, news: news.slice(at + 1), clean: true });
}

function up(state: State, number: number, { shown }: Known): State {
	const { value } = state.devices[number]!;
	// The latest news decide what may be sent; older ones matter only where they are seen.
	const devices = state.devices.map((device, other): Device => {
		if (other === number) return { value, base: value, news: [], clean: true };
		return { ...device, news: [...device.news.filter((older) => shown[other]!.includes(older)), value] };
	});
	return { ...state, stable: value, devices };
}

/** Written to here, and sent by another since. */
function meet(state: State, number: number, at: number, known: Known): State[] {
	const { value, news } = state.devices[number]!;
	const { conflicts } = state;
	if (value === null || value === news[at]) return [down(state, number, at)];
	if (news[at] === null) return at === news.length - 1 ? [up(state, number, known)] : [];
	const isThere = conflicts.some((copy) => copy.value === value);
	const withCopy = { ...state, conflicts: sorted([...conflicts, { value, device: number }]) };
	const isSeen = !known.copies || isAmong(withCopy.conflicts, known.copies);
	return [...(isThere ? [down(state, number, at)] : []), ...(isSeen ? [down(withCopy, number, at)] : [])];
}

const showsTheSame = (a: State, b: State): boolean =>
	a.devices.every(({ value }, number) => value === b.devices[number]!.value);

const withDevice = (state: State, number: number, device: Device): State => ({
	...state,
	devices: state.devices.map((other, index) => (index === number ? device : other)),
});

/** These states and all that steps lead to. */
function closure(states: readonly State[], known: Known): State[] {
	const found = new Map(states.map((state) => [keyOf(state), state]));
	const open = [...found.values()];
	for (let state = open.pop(); state; state = open.pop()) {
		for (const next of steps(state, known)) {
			if (known.seesAll && !showsTheSame(state, next)) continue;
			const key = keyOf(next);
			if (found.has(key)) continue;
			found.set(key, next);
			open.push(next);
		}
	}
	return [...found.values()];
}

const keyOf = ({ stable, devices, conflicts }: State): string =>
	[
		stable,
		...devices.map(({ value, base, news, clean }) => `${value}/${base}/${news.join('|')}/${news.length}/${clean}`),
		...conflicts.map(({ value, device }) => `${value} by ${device}`),
	].join();

function contradiction(states: readonly State[], observation: Observation): string {
	const could = (options: readonly string[]) => [...new Set(options)].sort().join(' or ') || 'nothing else';
	if (observation.type === 'read' || observation.type === 'write') {
		const { device, type } = observation;
		const seen = type === 'read' ? observation.value : observation.old;
		const values = states.map(({ devices }) => String(devices[device]!.value));
		return `device ${device} shows ${seen} where it could show ${could(values)}`;
	}
	if (observation.type === 'death') return '';
	const quiet = states.filter(({ devices }) => devices.every(isQuiet));
	const ends = quiet.map(({ stable, conflicts }) => describe({ value: stable, conflicts }));
	return `in the end the devices show ${observation.devices.map(describe).join('; ')} where all could show ${could(ends)}`;
}

function describe({ value, conflicts }: Shown): string {
	const copies = sorted(conflicts).map((copy) => `${copy.value} by device ${copy.device}`);
	return copies.length > 0 ? `${value} with conflicted copies of ${copies.join(', ')}` : String(value);
}

const sorted = (copies: readonly Copy[]): Copy[] =>
	[...copies].sort((a, b) => a.device - b.device || (a.value < b.value ? -1 : 1));

/** Each of the one as often in the other. */
function isAmong(some: readonly Copy[], all: readonly Copy[]): boolean {
	const left = sorted(all).map((copy) => JSON.stringify(copy));
	return sorted(some).every((copy) => {
		const at = left.indexOf(JSON.stringify({ value: copy.value, device: copy.device }));
		return at >= 0 && left.splice(at, 1).length > 0;
	});
}

const same = (a: readonly Copy[], b: readonly Copy[]): boolean =>
	JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));

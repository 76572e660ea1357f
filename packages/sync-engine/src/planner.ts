import { type Name, type NodeId, nameKey } from '@mydropbox/protocol';
import { conflictName, type Signature, withSuffix } from './conflict-name.ts';
import { type Fate, Fates } from './fates.ts';
import type { Displaced, LocalOperation, Plan, RemoteOperation, StateOperation } from './plan.ts';
import { type Step, schedule, type Want } from './schedule.ts';
import { type Place, sameContent, samePlace, type TreeNode, type Trees, type Version } from './tree.ts';

export interface PlannerInput extends Trees {
	/**
	 * Nodes in which the three trees may differ. Every other node is alike in all three, or excluded and at rest, or a
	 * newcomer that a later plan is about (`Window`).
	 */
	readonly dirty: Iterable<NodeId>;
	/**
	 * Whether a node of the remote tree is deliberately not kept on this device. With a folder, all that the remote tree
	 * has in it MUST be excluded. At rest such a node is in the remote tree alone.
	 */
	readonly isExcluded: (id: NodeId) => boolean;
	/**
	 * Whether the last look did not find a node on this device, or could not look for it, and nobody knows yet whether it is
	 * gone: it is no ground to change what was agreed, nor to send it as something new.
	 */
	readonly isMissing: (id: NodeId) => boolean;
	/** Nodes that had a problem and are not tried again yet. They stay as they are; others plan around them. */
	readonly blocked: ReadonlySet<NodeId>;
	/** For the names of conflicted copies. */
	readonly signature: Signature;
}

/** Decides what brings the three trees together. Pure: no clock, no chance, no disk; the same input, the same plan. */
export function plan(input: PlannerInput): Plan {
	return new Planner(input).run();
}

/** What one side's tree shall become. */
interface Side {
	readonly wants: Map<NodeId, Want>;
	/** The version that comes along with the place, or alone. */
	readonly versions: Map<NodeId, Version>;
}
const newSide = (): Side => ({ wants: new Map(), versions: new Map() });

class Planner {
	readonly #input: PlannerInput;
	readonly #fates: Fates;
	readonly #state: StateOperation[] = [];
	readonly #reads: NodeId[] = [];
	readonly #remote = newSide();
	readonly #local = newSide();
	readonly #displaced = new Map<NodeId, Displaced>();
	/** Local nodes that make room for the server's. */
	readonly #aside = new Set<NodeId>();
	/** Local nodes that nothing happens to yet: they would leave their name to what is blocked, or may be gone. */
	readonly #stay: NodeId[] = [];
	/** Names given to conflicted copies by this plan. */
	readonly #taken = new Set<string>();

	constructor(input: PlannerInput) {
		this.#input = input;
		this.#fates = new Fates(input);
	}

	run(): Plan {
		for (const fate of this.#fates.all()) this.#decideState(fate);
		if (this.#state.length > 0) return this.#first(this.#state);
		for (const fate of this.#fates.all()) if (!this.#input.blocked.has(fate.id)) this.#decideSides(fate);
		const clashes = [...this.#remote.wants.values()].flatMap((want) => this.#clashOf(want) ?? []);
		const adoptions = clashes.filter(({ mine, theirs }) => this.#isAdoption(mine, theirs));
		if (adoptions.length > 0) {
			const state = adoptions.map(({ mine, theirs }) => ({ type: 'adopt', local: mine, remote: theirs }) as const);
			return this.#first(state);
		}
		for (const { mine } of clashes) this.#stepAside(mine);
		for (const want of this.#local.wants.values()) this.#handOver(want);
		return this.#order();
	}

	/** The rest is planned when these are done. */
	#first(state: readonly StateOperation[]): Plan {
		return { state, reads: [], remote: [], local: [], atRest: this.#fates.atRest, waiting: [] };
	}

	#decideState({ id, outcome, merge }: Fate): void {
		if (this.#input.isMissing(id)) return;
		if (outcome === 'revive' || outcome === 'forget') this.#state.push({ type: outcome, id });
		else if (outcome === 'merge' && merge!.place === 'neither' && merge!.version === 'neither')
			this.#state.push({ type: 'agree', id });
	}

	#decideSides(fate: Fate): void {
		const { id, outcome, local, remote } = fate;
		switch (outcome) {
			case 'read':
				this.#reads.push(id);
				break;
			case 'create-local':
				this.#want(this.#local, id, remote!, remote!.version);
				break;
			case 'create-remote':
				if (this.#input.isMissing(id)) this.#stay.push(id);
				else this.#want(this.#remote, id, local!, local!.version);
				break;
			case 'delete-local':
			case 'evict':
				this.#local.wants.set(id, { id, place: null });
				break;
			case 'delete-remote':
				this.#remote.wants.set(id, { id, place: null });
				break;
			case 'merge':
				this.#decideMerge(fate);
		}
	}

	/**
	 * Per side at most one operation on a node and round: a local move goes before a new local version. What is excluded
	 * moves nowhere here: its folder need not be on this device.
	 */
	#decideMerge({ id, merge, local, remote, place, excluded }: Fate): void {
		const moveLocal = !samePlace(local!, place!) && !excluded;
		const moveRemote = !samePlace(remote!, place!);
		const { version } = merge!;
		if (moveLocal) this.#local.wants.set(id, { id, place: place! });
		if (version === 'local') this.#want(this.#remote, id, moveRemote ? place! : remote!, local!.version);
		else if (moveRemote) this.#remote.wants.set(id, { id, place: place! });
		if (moveLocal || version === 'neither' || version === 'local') return;
		this.#want(this.#local, id, local!, remote!.version);
		if (version === 'both' && !sameContent(local!.version, remote!.version)) this.#splitOff(local!);
	}

	/** The node's own local version becomes a conflicted copy, unless there already is one with the same content. */
	#splitOff(local: TreeNode): void {
		const name = this.#freeName(local, local);
		if (name !== undefined) this.#displaced.set(local.id, { id: null, name });
	}

	#want(side: Side, id: NodeId, { parent, name }: Place, version: Version): void {
		side.wants.set(id, { id, place: { parent, name } });
		side.versions.set(id, version);
	}

	/** The server's node that stays at the place that a local node wants there. */
	#clashOf({ id, place }: Want): { mine: NodeId; theirs: NodeId } | undefined {
		if (!place) return undefined;
		const occupant = this.#input.remote.child(place.parent, place.name);
		if (!occupant || occupant.id === id) return undefined;
		const fate = this.#fates.get(occupant.id);
		if (fate?.outcome === 'read') return undefined;
		const stays = fate ? fate.place !== null && samePlace(fate.place, place) : true;
		return stays ? { mine: id, theirs: occupant.id } : undefined;
	}

	#isAdoption(mine: NodeId, theirs: NodeId): boolean {
		const a = this.#fates.get(mine);
		const b = this.#fates.get(theirs);
		if (a?.outcome !== 'create-remote' || b?.outcome !== 'create-local') return false;
		return sameContent(a.local!.version, b.remote!.version);
	}

	/** The committed node keeps the name. */
	#stepAside(mine: NodeId): void {
		const { local, place } = this.#fates.get(mine)!;
		for (const side of [this.#remote, this.#local]) {
			side.wants.delete(mine);
			side.versions.delete(mine);
		}
		const name = this.#freeName(place!, null)!;
		this.#local.wants.set(mine, { id: mine, place: { parent: local!.parent, name } });
		this.#aside.add(mine);
	}

	/**
	 * Where a file leaves its name to a new one, the name changes hands in one operation, so that it is never empty; as long
	 * as the one that comes is blocked, the other one stays. Not where it leaves for another folder, or for another
	 * spelling of its name, which may be the same one for the disk.
	 */
	#handOver({ id, place }: Want): void {
		const { local, remote, blocked } = this.#input;
		const leaves = local.get(id);
		const comes = leaves && remote.child(leaves.parent, leaves.name);
		const isFile = ({ version }: TreeNode) => version.kind !== 'folder';
		if (!comes || this.#fates.get(comes.id)?.outcome !== 'create-local' || ![leaves, comes].every(isFile)) return;
		const isNear = place?.parent === leaves.parent && nameKey(place.name) !== nameKey(leaves.name);
		const isMove = isNear && !local.child(place.parent, place.name);
		if (!isMove && this.#fates.get(id)?.outcome !== 'delete-local') return;
		this.#local.wants.delete(id);
		if (blocked.has(comes.id)) {
			this.#stay.push(id);
			return;
		}
		const aside = this.#aside.has(id) ? ({ aside: true } as const) : {};
		this.#displaced.set(comes.id, { id, name: place?.name ?? null, ...aside });
		this.#local.wants.set(comes.id, { ...this.#local.wants.get(comes.id)!, displaced: { id, place } });
	}

	/** @returns undefined when a conflicted copy with the content of `original` is there already. */
	#freeName({ parent, name }: Place, original: TreeNode | null): Name | undefined {
		for (let attempt = 1; ; attempt++) {
			const candidate = conflictName(name, this.#input.signature, attempt);
			const there = this.#input.local.child(parent, candidate);
			// A copy of a copy with a long name may be called as itself.
			const isAnother = there && there.id !== original?.id;
			if (isAnother && original && this.#keeps(there, original.version)) return undefined;
			if (this.#claim(parent, candidate)) return candidate;
		}
	}

	/** Whether a local node has this content and nothing takes it away: not a look that misses it, nor the server. */
	#keeps({ id, version }: TreeNode, wanted: Version): boolean {
		if (!sameContent(version, wanted) || this.#input.isMissing(id)) return false;
		const fate = this.#fates.get(id);
		const winner = fate?.merge?.version ?? 'neither';
		return fate?.place !== null && (winner === 'neither' || winner === 'local');
	}

	#order(): Plan {
		const { root, remote, local } = this.#input;
		const detour = (place: Place) => this.#detourName(place);
		const onServer = schedule(root, remote, this.#remote.wants.values(), detour);
		const onDisk = schedule(root, local, this.#local.wants.values(), detour);
		return {
			state: [],
			reads: this.#reads,
			remote: onServer.batches.map((batch) => batch.map((step) => this.#remoteOperation(step))),
			local: onDisk.batches.map((batch) => batch.map((step) => this.#localOperation(step))),
			atRest: this.#fates.atRest,
			waiting: [...new Set([...this.#reads, ...this.#stay, ...onServer.waiting, ...onDisk.waiting])],
		};
	}

	#detourName({ parent, name }: Place): Name {
		for (let attempt = 1; ; attempt++) {
			const candidate = withSuffix(name, ` (moving${attempt > 1 ? ` ${attempt}` : ''})`);
			if (this.#claim(parent, candidate)) return candidate;
		}
	}

	/** Whether the name is free on both sides; it is this plan's from now on. */
	#claim(parent: NodeId, name: Name): boolean {
		const key = `${parent}/${name}`;
		const { local, remote } = this.#input;
		if (local.child(parent, name) || remote.child(parent, name) || this.#taken.has(key)) return false;
		this.#taken.add(key);
		return true;
	}

	#remoteOperation({ id, detour }: Step): RemoteOperation {
		if (detour) return { type: 'move', id, place: detour };
		const { place } = this.#remote.wants.get(id)!;
		const version = this.#remote.versions.get(id);
		if (!place) return { type: 'delete', id };
		return version ? { type: 'put', id, place, version } : { type: 'move', id, place };
	}

	#localOperation({ id, detour }: Step): LocalOperation {
		if (detour) return { type: 'move', id, place: detour };
		const { place } = this.#local.wants.get(id)!;
		const version = this.#local.versions.get(id);
		if (!place) return { type: this.#fates.get(id)?.outcome === 'evict' ? 'evict' : 'delete', id };
		if (!version) return { type: 'move', id, place, ...(this.#aside.has(id) ? { aside: true } : {}) };
		const displaced = this.#displaced.get(id);
		return { type: 'write', id, place, version, ...(displaced ? { displaced } : {}) };
	}
}

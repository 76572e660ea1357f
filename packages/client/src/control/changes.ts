import { basename, join } from 'node:path';
import type { NodeId } from '@mydropbox/protocol';
import { conflictName, type LocalOperation, type Place, type Signature, sameContent } from '@mydropbox/sync-engine';
import type { Change } from '../fs/jobs/change.ts';
import type { Spellings } from '../names/spellings.ts';
import type { LocalNode } from '../state/nodes.ts';
import type { Store } from '../state/store.ts';
import type { Source } from '../transfer/download.ts';
import type { Context } from './context.ts';
import { expectedOf, isRemoval, materialOf, type Write } from './writes.ts';

/** Says in paths, stamps and bytes what a plan says in nodes. */
export class Changes {
	readonly #context: Pick<Context, 'store' | 'folder'>;
	readonly #spellings: Spellings;
	readonly #signature: () => Signature;

	/** @param spellings of the names on the disk, from now on also of those that come there. */
	constructor(context: Pick<Context, 'store' | 'folder'>, spellings: Spellings, signature: () => Signature) {
		this.#context = context;
		this.#spellings = spellings;
		this.#signature = signature;
	}

	/** @returns undefined when the local tree has moved on, so that the operation makes no sense any more. */
	for(operation: LocalOperation, sources: ReadonlyMap<string, Source>): Change | undefined {
		const { store, folder } = this.#context;
		const node = store.local.get(operation.id);
		const there = node && join(folder, store.diskPath(node.id)!);
		if ('place' in operation && this.#isHeld(operation)) return undefined;
		if (operation.type === 'write') return this.#writeFor(operation, node, there, sources);
		if (!node || there === undefined) return undefined;
		const expected = expectedOf(node);
		if (isRemoval(operation)) {
			return {
				do: 'delete',
				path: there,
				expected,
				folder: node.version.kind === 'folder',
				rescueTo: this.#rescuePath(node)!,
			};
		}
		const to = this.#pathOf(operation.place, node.id);
		if (to === undefined) return undefined;
		const spelling = basename(to);
		const from = { parent: node.parent, spelling: node.disk.name };
		const respells = this.#spellings.areOne(from, { parent: operation.place.parent, spelling });
		const into = this.#identityOf(operation.place.parent);
		const rescueTo = this.#rescuePath(node)!;
		return { do: 'move', path: there, expected, to: join(folder, to), into, respells, rescueTo };
	}

	/**
	 * What was to leave the place first could not, or nobody knows yet where it is. Most disks say so; one that takes
	 * several spellings for a name would take an alias beside it, and there were two of one name.
	 */
	#isHeld(operation: LocalOperation & { place: Place }): boolean {
		const { id, place } = operation;
		const holder = this.#context.store.local.child(place.parent, place.name)?.id ?? id;
		return holder !== id && !(operation.type === 'write' && operation.displaced?.id === holder);
	}

	#writeFor(
		operation: Write,
		node: LocalNode | undefined,
		there: string | undefined,
		sources: ReadonlyMap<string, Source>,
	): Change | undefined {
		const { store, folder } = this.#context;
		const { version, displaced, place } = operation;
		if (node && there !== undefined && !displaced && !this.bringsContent(operation)) {
			if (version.kind === 'folder') return undefined;
			return {
				do: 'touch',
				path: there,
				expected: expectedOf(node),
				mtime: version.mtime,
				exec: version.kind === 'file' ? version.exec : null,
			};
		}
		const displacedNode = displaced?.id ? store.local.get(displaced.id) : undefined;
		if (displaced?.id && !displacedNode) return undefined;
		const relative = displacedNode ? this.#takeOver(displacedNode, operation.id) : this.#pathOf(place, operation.id);
		const material = materialOf(version, sources);
		if (relative === undefined || !material) return undefined;
		const occupant = displaced?.id ? displacedNode : node;
		const name = displaced?.name;
		const displacedTo = name ? this.#pathOf({ parent: place.parent, name }, displaced.id) : undefined;
		return {
			do: 'write',
			path: there ?? join(folder, relative),
			expected: occupant ? expectedOf(occupant) : null,
			into: this.#identityOf(place.parent),
			material,
			displacedTo: displacedTo === undefined ? null : join(folder, displacedTo),
			rescueTo: occupant ? this.#rescuePath(place)! : null,
		};
	}

	/** Whether bytes have to be had for it, from the server or from this disk. */
	bringsContent({ id, version }: Write): boolean {
		const node = this.#context.store.local.get(id);
		return !node || !sameContent(node.version, version);
	}

	/** Relative to the folder, and kept for the node; undefined when the parent is not on the disk. */
	#pathOf(place: Place, id: NodeId | null): string | undefined {
		const above = this.#context.store.diskPath(place.parent);
		return above === undefined ? undefined : join(above, this.#spellings.claim(place, id));
	}

	/** The path of a local node, in its spelling, from now on kept for the node that comes there. */
	#takeOver({ id, parent, disk }: LocalNode, next: NodeId): string | undefined {
		this.#spellings.handOver(parent, disk.name, id, next);
		return this.#context.store.diskPath(id);
	}

	/** Of a folder that is on the disk. */
	#identityOf(folder: NodeId): string {
		const { store } = this.#context;
		return folder === store.root ? store.meta('root')! : store.local.get(folder)!.disk.identity;
	}

	#rescuePath(place: Place): string | undefined {
		const { store, folder } = this.#context;
		const path = rescuePath(place, store, this.#spellings, this.#signature());
		return path === undefined ? undefined : join(folder, path);
	}
}

/** Where something goes that cannot have this place: a path that the local tree does not have, relative to the folder. */
export function rescuePath(
	{ parent, name }: Place,
	store: Store,
	spellings: Spellings,
	signature: Signature,
): string | undefined {
	for (let attempt = 1; ; attempt++) {
		const free = conflictName(name, signature, attempt);
		if (store.local.child(parent, free)) continue;
		const above = store.diskPath(parent);
		return above === undefined ? undefined : join(above, spellings.spell({ parent, name: free }, null));
	}
}

import { join } from 'node:path';
import type { Mtime, NodeId } from '@mydropbox/protocol';
import { type LocalOperation, type Signature, sameContent, samePlace, type Version } from '@mydropbox/sync-engine';
import type { HalfMove } from '../fs/jobs/recover.ts';
import type { DiskNames } from '../names/disk-names.ts';
import { Spellings } from '../names/spellings.ts';
import type { ApplyingNode, LocalNode } from '../state/nodes.ts';
import type { Store } from '../state/store.ts';
import { rescuePath } from './changes.ts';
import { isTimeOf, mtimeOf } from './times.ts';
import { expectedOf } from './writes.ts';

/**
 * What a crash may leave between a change on the disk and its record. It is noted before the change, so that after the
 * crash our own work is not taken for a person's: a file that the server has changed once more, or deleted, would become
 * a conflict with ourselves, or come back.
 */

/** To be called in a transaction before the disk is touched. */
export function noteApplying(operation: LocalOperation, { applying, local }: Store): void {
	const node = local.get(operation.id);
	switch (operation.type) {
		case 'write': {
			const { id, place, version, displaced } = operation;
			applying.set({ id, ...place, version, agrees: 'version' });
			const other = displaced?.id ? local.get(displaced.id) : undefined;
			if (other && displaced?.name)
				applying.set({ ...other, name: displaced.name, agrees: displaced.aside ? null : 'place' });
			break;
		}
		case 'move':
			if (node) applying.set({ ...node, ...operation.place, agrees: operation.aside ? null : 'place' });
			break;
		case 'delete':
			if (node) applying.set({ ...node, agrees: 'gone' });
			break;
		case 'evict':
		// It is not agreed on any more by now, so that nobody takes it for deleted.
	}
}

/**
 * What had got its new name and not yet lost the old one, or was on its way from one spelling of its name to another:
 * found by the name that it would go by now, so not if midnight came in between; then it shows as a conflicted copy.
 */
export function halfMoves(store: Store, names: DiskNames, folder: string, signature: Signature): HalfMove[] {
	const spellings = new Spellings(store, names);
	return store.applying.ids().flatMap((id) => {
		const target = store.applying.get(id)!;
		const node = store.local.get(id);
		const above = store.diskPath(target.parent);
		if (!node || samePlace(node, target) || above === undefined) return [];
		const from = { parent: node.parent, spelling: node.disk.name };
		const to = { parent: target.parent, spelling: spellings.spell(target, id) };
		const respells = spellings.areOne(from, to);
		if (node.version.kind === 'folder' && !respells) return [];
		const there = respells ? rescuePath(node, store, spellings, signature)! : join(above, to.spelling);
		const paths = { from: join(folder, store.diskPath(id)!), to: join(folder, there) };
		return [{ ...paths, file: expectedOf(node), isOnTheWay: respells }];
	});
}

/** Paths at which our own work may be, though the local tree has nothing there: a listing may miss something. */
export function maybeMissed(store: Store, names: DiskNames, folder: string): { target: ApplyingNode; path: string }[] {
	const spellings = new Spellings(store, names);
	return store.applying.ids().flatMap((id) => {
		const target = store.applying.get(id)!;
		const above = store.diskPath(target.parent);
		if (above === undefined || isAtItsPlace(target, store) || store.local.child(target.parent, target.name)) return [];
		return [{ target, path: join(folder, above, spellings.spell(target, id)) }];
	});
}

/**
 * Takes what the disk shows of our own work for agreed on. To be called when everything was looked at.
 * @param isUnseen whether nobody knows what is at its place now.
 * @returns nodes of which nobody knows yet, because their place cannot be looked at, or what may be theirs has to be read
 * first, under another id: until then nothing may be done about them, or our own work would stay behind as somebody's new
 * file.
 */
export function settleApplying(
	store: Store,
	isUnseen: (target: ApplyingNode) => boolean,
	newId: () => NodeId,
): NodeId[] {
	const open: NodeId[] = [];
	for (const id of store.applying.ids()) {
		const target = store.applying.get(id)!;
		if (isUnseen(target)) {
			open.push(id);
			continue;
		}
		if (target.agrees === 'gone') {
			// Whoever brings it back on the server afterwards brings it back here.
			if (!store.local.get(id)) store.disown(id);
			store.applying.delete(id);
			continue;
		}
		const node = workOn(target, store);
		const isUnread = node?.version.kind === 'file' && node.version.content === null;
		if (node && isUnread && samePlace(node, target)) {
			if (node.id !== id) open.push(id);
			continue;
		}
		if (node && shows(node, target, store.synced.get(id)?.version)) agree(node, target, store, newId);
		store.applying.delete(id);
	}
	return open;
}

const isAtItsPlace = (target: ApplyingNode, { local }: Store): boolean => {
	const node = local.get(target.id);
	return node !== undefined && samePlace(node, target);
};

/** What may show it: the node, or what is at its place. What we have replaced may still be about, under another name. */
function workOn(target: ApplyingNode, store: Store): LocalNode | undefined {
	const node = store.local.get(target.id);
	if (target.agrees === 'version' && !isAtItsPlace(target, store)) return newcomerAt(target, store) ?? node;
	return node ?? newcomerAt(target, store);
}

/** Something at the place that the server does not know by its id: something new, or what ours has replaced. */
function newcomerAt(target: ApplyingNode, store: Store): LocalNode | undefined {
	const node = store.local.child(target.parent, target.name);
	return node && !store.remote.get(node.id) ? node : undefined;
}

/**
 * A newcomer shows nothing by its place alone: a person may have put it where ours went.
 * @param base what was agreed on before.
 */
function shows(node: LocalNode, target: ApplyingNode, base: Version | undefined): boolean {
	const isItself = node.id === target.id;
	return target.agrees === 'place' && isItself ? samePlace(node, target) : isMade(node, target.version, base);
}

function isMade({ version, disk }: LocalNode, made: Version, base: Version | undefined): boolean {
	if (!sameContent(version, made)) return false;
	if (made.kind === 'folder') return true;
	const sameMode = version.kind !== 'file' || made.kind !== 'file' || version.exec === made.exec;
	return sameMode && isTimeOf(made, disk.mtime) && !isAsBefore(disk.mtime, made, base);
}

/** Where only the times were to change, and the old ones would show the same, they are better set again. */
function isAsBefore(shown: Mtime, made: Version, base: Version | undefined): boolean {
	if (!base || !sameContent(base, made) || mtimeOf(base) === mtimeOf(made)) return false;
	return isTimeOf(base, shown);
}

function agree(node: LocalNode, target: ApplyingNode, store: Store, newId: () => NodeId): void {
	const { id, version, agrees } = target;
	if (node.id !== id) {
		const replaced = store.local.get(id);
		if (replaced) {
			store.local.delete(id);
			store.local.set({ ...replaced, id: newId() });
		}
		store.applyState({ type: 'adopt', local: node.id, remote: id });
	}
	// A newcomer shows its version, as far as this disk can hold the time.
	if (agrees === 'version' || node.id !== id) store.local.set({ ...store.local.get(id)!, version });
	if (agrees === 'version' || agrees === 'place') store.agree(target, agrees);
}

import { join } from 'node:path';
import { type ArrivalId, type NodeId, orderedId, randomId } from '@mydropbox/protocol';
import { MASS_DELETE_LIMITS } from '@mydropbox/sync-engine';
import type { EngineOptions } from '../daemon/engine.ts';
import { Scanner } from '../scan/scanner.ts';
import type { Store } from '../state/store.ts';
import { Arrivals } from '../transfer/arrivals.ts';
import { BlockSource } from '../transfer/block-source.ts';
import { Downloader } from '../transfer/download.ts';
import { Filler } from '../transfer/filler.ts';
import { Applier } from './apply.ts';
import type { Context } from './context.ts';
import type { ControlLoop } from './loop.ts';
import type { Machine } from './machine.ts';
import { MassDeletes } from './mass-deletes.ts';
import { Poller } from './poller.ts';
import { LocalReader } from './read-local.ts';
import { RootGuard } from './root-guard.ts';
import { Rounds } from './rounds.ts';

/** What an engine runs on, and what runs. */
export interface Assembly {
	readonly context: Context;
	readonly loop: ControlLoop;
	/** Paused or stopping. */
	readonly isInterrupted: () => boolean;
	/** The engine stops. */
	readonly signal: AbortSignal;
	/** Something that the status tells has changed. */
	readonly onChange: () => void;
}

export interface Parts {
	readonly massDeletes: MassDeletes;
	readonly poller: Poller;
	readonly arrivals: Arrivals;
	readonly rounds: Rounds;
}

/**
 * Puts the parts of an engine together.
 * @throws FolderMissing when the folder is not there, or not ours.
 */
export function assemble(
	options: EngineOptions,
	machine: Machine,
	{ context, loop, isInterrupted, signal, onChange }: Assembly,
): Parts {
	const { store, disk, server, namespace, folder, exclusions, progress } = context;
	const { clock, portions } = machine;
	noteLife(store, machine.bootId());
	const guard = new RootGuard(folder, machine.fs, store, namespace);
	guard.check();
	const { tempDir } = guard;
	const massDeletes = new MassDeletes(context, clock, options.massDeletes ?? MASS_DELETE_LIMITS);
	const onBytes = (count: number) => progress.bytes(count);
	const source = new BlockSource(server, store, namespace, folder);
	const filler = new Filler(source, portions.request, isInterrupted);
	const arrivals = new Arrivals({
		disk,
		filler,
		tempDir,
		onChange,
		pathOf: ({ parent, name }) => join(store.diskPath(parent) ?? '', name),
		isWanted: (part) => part.size > portions.inMemory && exclusions.wouldTake(part),
		now: () => clock.now(),
		signal,
		interrupted: isInterrupted,
	});
	const poller = new Poller(context, clock, { ...loop.ofPoller, onArriving: (part) => arrivals.heard(part) });
	const transfer = { server, disk, store, namespace, source, filler, arrivals, tempDir, portions, onBytes };
	const signature = () => ({
		device: options.deviceName,
		date: new Date(clock.now()).toISOString().slice(0, 10),
	});
	const newId = () => orderedId<NodeId>(clock.now(), machine.randomBytes);
	const newArrival = () => randomId<ArrivalId>(machine.randomBytes);
	const scanner = new Scanner({
		store,
		disk,
		folder,
		isExcluded: (id) => exclusions.now()(id),
		names: guard.names,
		newId,
		now: () => guard.time.at(clock.now()),
		pace: { step: portions.newcomers, breathe: () => clock.sleep(0, signal) },
	});
	const rounds = new Rounds(context, {
		guard,
		scanner,
		reader: new LocalReader(context, clock, guard.time, newArrival, portions.part),
		applier: new Applier(context, new Downloader(transfer), guard, signature),
		massDeletes,
		hints: loop.hints,
		clock,
		signature,
		newId,
		newcomers: portions.newcomers,
		onPulled: () => poller.pulled(),
	});
	return { massDeletes, poller, arrivals, rounds };
}

/** Whoever was running when the machine stopped did not see what its disk has lost by that. */
function noteLife(store: Store, boot: string): void {
	const ranAt = store.meta('running');
	if (ranAt && ranAt !== boot) store.doubt = true;
	store.setMeta('running', boot);
}

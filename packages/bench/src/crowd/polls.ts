import { randomBytes } from 'node:crypto';
import { type Name, type NodeId, type Rev, randomId } from '@mydropbox/protocol';
import { blockHash } from '@mydropbox/protocol/content';
import type { SignedIn } from './account.ts';

/** As long as a daemon waits. */
const WAIT_MS = 50_000;
/** Connections that are being opened at once. */
const WAVE = 200;

/**
 * Keeps so many long polls waiting, each on a connection of its own, spread evenly over the devices, until it is told to
 * stop. Then there is a change in every namespace, and each of the polls has to hear of it.
 * @returns how long that took, in words.
 */
export async function keepPolling(
	devices: readonly SignedIn[],
	polls: number,
	stopping: AbortSignal,
	say: (line: string) => void,
): Promise<string> {
	const places = await Promise.all(devices.map(headOf));
	const heard: Promise<void>[] = [];
	for (let index = 0; index < polls; index++) {
		heard.push(poll(places[index % places.length]!));
		if (index % WAVE === WAVE - 1) await settle(places[0]!);
	}
	const all = Promise.all(heard);
	await Promise.race([all, settle(places[0]!)]);
	say('under way');
	const stopped = new Promise<void>((resolve) => stopping.addEventListener('abort', () => resolve(), { once: true }));
	await Promise.race([all.then(() => Promise.reject(new Error('The polls ended.'))), stopped]);
	const started = performance.now();
	const onePerNamespace = new Map(places.map((place) => [place.self.namespace, place]));
	for (const place of onePerNamespace.values()) await makeFolder(place);
	await all;
	return `${polls} polls heard of ${onePerNamespace.size} changes within ${Math.round(performance.now() - started)} ms`;
}

type Place = Awaited<ReturnType<typeof headOf>>;

async function headOf(self: SignedIn) {
	const { namespace, api } = self;
	const cursors = [{ namespace, epoch: null, rev: 0 as Rev }];
	const page = (await api.changes({ cursors })).namespaces[0]!;
	return { self, epoch: page.epoch, rev: page.cursor };
}

/** Asks again whenever the time is over; resolves when there is news. */
async function poll({ self: { api, namespace }, epoch, rev }: Place): Promise<void> {
	const cursors = [{ namespace, epoch, rev }];
	while ((await api.changes({ cursors, waitMs: WAIT_MS })).namespaces.length === 0);
}

/** The server answers this only after what came before. */
async function settle({ self: { api, namespace } }: Place): Promise<void> {
	await api.missingBlocks({ namespace, hashes: [blockHash(Buffer.of())] });
}

async function makeFolder({ self: { api, namespace, device }, epoch }: Place): Promise<void> {
	const [id, key] = [randomId<NodeId>(randomBytes), randomId<never>(randomBytes)];
	const place = { parent: namespace as string as NodeId, name: `news from ${device}` as Name };
	const operation = { op: 'put', id, base: 0 as Rev, ...place, version: { kind: 'folder' } } as const;
	await api.commit({ namespace, epoch, key, operations: [operation] });
}

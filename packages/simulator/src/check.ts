import { nameOf } from '@mydropbox/client';
import type { Name, NodeState, Rev } from '@mydropbox/protocol';
import type { Device } from './device.ts';
import { type VersionKey, versionOf } from './ledger.ts';
import { OWN, ROOT } from './places.ts';
import { tellApart } from './second-names.ts';
import { SqlData } from './server/sql-data.ts';
import { visible } from './user.ts';
import { Violation } from './violation.ts';
import type { World } from './world.ts';

/** After this time every device has asked once more: its question may have been under way when the server was replaced. */
const POLL_MS = 60_000;
const QUIET_MS = 30 * 60_000;
/** Longer than the time after which a daemon looks at everything again. */
const AGAIN_MS = 11 * 60_000;
/** Nanoseconds. */
const SECOND = 1_000_000_000n;

/** Waits until nothing happens any more, and holds what is there then to the invariants. */
export async function settleAndCheck(world: World): Promise<void> {
	await world.run(world.scheduler.now + POLL_MS);
	await settle(world);
	const before = await serverTree(world);
	await world.run(world.scheduler.now + AGAIN_MS);
	const after = await serverTree(world);
	if (before.head !== after.head) throw new Violation('P3', `at rest, and yet there was something to commit`);
	compareDisks(world, after.paths, 'P3');
	for (const device of world.devices) {
		for (const { path } of visible(device.disk, ROOT, '.mydropbox')) {
			const spelling = path.slice(path.lastIndexOf('/') + 1);
			if (wireName(device, spelling) !== spelling.normalize('NFC')) world.trace.count('alias');
		}
	}
	await checkVersions(world, after);
	const unexplained = world.story?.unexplained();
	if (unexplained) throw new Violation('S5', unexplained);
	const { data } = world.server;
	const [lost] = data instanceof SqlData ? await data.unreadable() : [];
	if (lost)
		throw new Violation('S17', `the server no longer has ${lost.slice(0, 10)}, which its tree or history names`);
}

async function settle(world: World): Promise<void> {
	const end = world.scheduler.now + QUIET_MS;
	for (;;) {
		const calm = () => {
			world.answerQuestions();
			return !world.takeWishesBack() && !tellApart(world) && world.devices.every(isCalm);
		};
		if (!(await world.run(end, calm))) {
			for (const device of world.devices) for (const node of device.unsettled()) world.remark(`${device.name} ${node}`);
			const states = world.devices.map((device) => `${device.name} ${JSON.stringify(device.status())}`);
			throw new Violation('S18', `not quiet after ${QUIET_MS / 60_000} minutes: ${states.join('; ')}`);
		}
		const { paths } = await serverTree(world);
		if (world.devices.every((device) => difference(paths, device) === undefined)) return;
		if (world.scheduler.now >= end - 1000) compareDisks(world, paths, 'S5');
		await world.run(Math.min(end, world.scheduler.now + 500));
	}
}

/** Nothing to do and nothing wrong, but for a watcher that does not see everything, which only a restart mends. */
function isCalm(device: Device): boolean {
	const status = device.status();
	if (!status || status.filesToGo > 0) return false;
	const others = status.problems.filter(({ reason }) => !reason.startsWith('Not every folder can be watched'));
	return others.length === 0 && (status.state === 'up-to-date' || status.state === 'problem');
}

/** What is at a path. */
interface Thing {
	readonly what: string;
	/** Microseconds since 1970; 0 where nobody compares it. */
	readonly mtime: bigint;
}
type Paths = Map<string, Thing>;

interface ServerTree {
	readonly head: Rev;
	readonly paths: Paths;
	readonly versions: Set<VersionKey>;
	/** Those of them that are not only in what a daemon had kept when it died. */
	readonly placed: Set<VersionKey>;
}

async function serverTree({ server, namespace }: World): Promise<ServerTree> {
	const all = { namespace, epoch: null, rev: 0 as Rev };
	const page = await server.data.news(all, 1e6);
	const changes = (page?.changes ?? []) as NodeState[];
	const nodes = new Map(changes.map((node) => [node.id as string, node]));
	const pathOf = (id: string): string => {
		const node = nodes.get(id);
		return node ? `${pathOf(node.parent)}/${node.name}` : '';
	};
	const paths = new Map([...nodes.values()].map((node) => [pathOf(node.id), describe(node)]));
	const versions = new Set<VersionKey>();
	const placed = new Set<VersionKey>();
	for (const node of nodes.values()) {
		if (node.kind === 'folder') continue;
		const version = node.kind === 'file' ? node.content : (`->${node.target}` as const);
		versions.add(version);
		if (!pathOf(node.id).startsWith('/recovered ')) placed.add(version);
	}
	return { head: page?.cursor ?? all.rev, paths, versions, placed };
}

const micro = (time: string | bigint): bigint => BigInt(time) / 1000n;

function describe(node: NodeState): Thing {
	if (node.kind === 'file') return { what: `file ${node.content} ${node.exec}`, mtime: micro(node.mtime) };
	return { what: node.kind === 'symlink' ? `link ${node.target}` : 'folder', mtime: 0n };
}

function diskPaths(device: Device): Paths {
	const { disk } = device;
	const paths: Paths = new Map();
	for (const { path, inode } of visible(disk, ROOT, '.mydropbox')) {
		const isFile = inode.kind === 'file';
		const mtime = isFile ? micro(inode.mtime) : 0n;
		const file = () => `file ${versionOf(inode)} ${(inode.mode & 0o100) !== 0}`;
		const what = isFile ? file() : inode.kind === 'symlink' ? `link ${inode.target}` : 'folder';
		const names = path
			.slice(ROOT.length + 1)
			.split('/')
			.map((spelling) => wireName(device, spelling));
		const name = `/${names.join('/')}`;
		const other = paths.get(name);
		paths.set(name, other ? { what: `${other.what} and ${what}`, mtime } : { what, mtime });
	}
	return paths;
}

/** Any disk's spellings stand for the names that all have; of a shortened one the folder itself knows the name. */
function wireName({ disk }: Device, spelling: string): string {
	return nameOf(spelling, (digest) => {
		const kept = disk.find(`${OWN}/names/${digest}`);
		return kept && (Buffer.from(kept.bytes).toString() as Name);
	});
}

/** A disk that counts in seconds shows two times in one of them alike, so that nobody can tell its file from ours. */
function difference(expected: Paths, device: Device): string | undefined {
	const actual = diskPaths(device);
	const tick = device.disk.tick >= SECOND ? micro(device.disk.tick) : 1n;
	const show = (thing: Thing | undefined) => thing && `${thing.what} ${thing.mtime - (thing.mtime % tick)}`;
	for (const path of new Set([...expected.keys(), ...actual.keys()])) {
		const [there, here] = [show(expected.get(path)), show(actual.get(path))];
		if (there !== here) return `${path}: the server has ${there}, the disk ${here}`;
	}
	return undefined;
}

function compareDisks(world: World, paths: Paths, invariant: string): void {
	for (const device of world.devices) {
		const found = difference(paths, device);
		if (found) throw new Violation(invariant, `${device.name} and the server differ at ${found}`);
	}
}

async function checkVersions(world: World, { versions: final, placed, paths }: ServerTree): Promise<void> {
	const history = await world.server.data.pastVersions();
	const forgets =
		world.hadWishes ||
		['database-lost', 'database-stale', 'power', 'torn-overwrite', 'server-restored', 'undo'].some((fault) =>
			world.happened.has(fault),
		);
	const wasRestored = world.happened.has('server-restored');
	// A server that was restored knows nothing of what was written after the backup, and written over since, or left to it
	// alone.
	const wasLeftToBackup = wasRestored && world.hadWishes;
	for (const version of world.ledger.versions.values()) {
		const { key, device, removedOn, touchedOn } = version;
		const what = `${key.slice(0, 10)}, written on ${device} at ${version.at.toFixed(0)} ms,`;
		if (final.has(key)) {
			// A daemon that dies while it takes one of two names from a file cannot know, of what was just written into it, whether the
			// other name is still there when it is started again.
			const isBack = placed.has(key) && [...touchedOn].every((name) => name === device);
			if (isBack && removedOn.has(device) && !forgets) {
				throw new Violation('S3', `${what} was removed on ${[...removedOn]} and is back without anybody's doing`);
			}
		} else if (!history.has(key)) {
			const takenAway = [...removedOn, ...version.reducedOn];
			if (wasRestored ? takenAway.length === 0 && !wasLeftToBackup : !takenAway.includes(device))
				throw new Violation('S1', `${what} is neither there nor in history`);
		} else if (removedOn.size + version.reducedOn.size === 0 && !wasLeftToBackup)
			throw new Violation('S4', `${what} is gone, and no user removed it`);
	}
	if (world.writesAlone(world.devices[0]!)) {
		for (const path of paths.keys()) {
			if (path.includes('conflicted copy')) throw new Violation('S6', `one writer, and yet there is ${path}`);
		}
	}
}

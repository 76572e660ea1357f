import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Machine, type MachineName } from './machine.ts';

/**
 * Three machines in a row: A — server — B. Where the system allows it, each has a network of its own (Linux network
 * namespaces), joined by two virtual cables whose counters tell what travelled on each hop, and nothing else on this
 * computer is on them. A cable takes packets as large as the loopback does, and is as fast.
 * Where the system does not, all three share this computer's loopback, and what travelled is not known.
 */
export interface Network {
	readonly a: Machine;
	readonly server: Machine;
	readonly b: Machine;
	/** Bytes so far between A and the server, and between the server and B, in both directions with all headers. */
	hopBytes(): readonly [number, number] | undefined;
	/** Makes both cables as slow as a line of that many Mbit/s, in each direction; undefined: as fast as they are. */
	limit(megabits: number | undefined): void;
	/** Takes it down; otherwise this program does not end. */
	close(): void;
}

/** What waits before a slow line for longer than this is lost, as on a real one. */
const SLOW_QUEUE = '50ms';
/** A few of the largest packets. */
const SLOW_BURST = '256kb';

const INSIDE = 'MYDB_BENCH_NETWORK';
/** The loopback's, nearly: with the 1500 of a real cable, splitting packets would be a third of the work. */
const MTU = '65535';
/** As root; and as anybody else where that is allowed. */
const WAYS = [['--net'], ['--net', '--user', '--map-root-user']];

/**
 * Runs this very program again in a network of its own, where that is allowed.
 * @returns its exit code; undefined when this is the one that shall go on.
 */
export async function enterOwnNetwork(): Promise<number | undefined> {
	if (process.env[INSIDE] !== undefined) return undefined;
	const way = WAYS.find((flags) => spawnSync('unshare', [...flags, 'ip', 'link'], { stdio: 'ignore' }).status === 0);
	if (!way) {
		console.error('No network namespaces here (they need Linux, unshare and ip): bytes per hop are not measured.');
		return undefined;
	}
	const args = [...way, process.execPath, ...process.execArgv, ...process.argv.slice(1)];
	const child = spawn('unshare', args, { stdio: 'inherit', env: { ...process.env, [INSIDE]: 'own' } });
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
	return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
}

export async function openNetwork(): Promise<Network> {
	if (process.env[INSIDE] === undefined) {
		const local = (name: MachineName) => new Machine(name, '127.0.0.1', []);
		const limit = (megabits: number | undefined) => {
			if (megabits !== undefined) throw new Error('A slow line needs network namespaces.');
		};
		const machines = { a: local('a'), server: local('server'), b: local('b') };
		return { ...machines, hopBytes: () => undefined, limit, close: () => {} };
	}
	ip('link', 'set', 'lo', 'up');
	const [a, endsOfA, leaveA] = await joinByCable('a', '10.77.1');
	const [b, endsOfB, leaveB] = await joinByCable('b', '10.77.2');
	const close = () => {
		leaveA();
		leaveB();
	};
	const server = new Machine('server', '10.77.1.1', []);
	const limit = (megabits: number | undefined) => {
		for (const end of [...endsOfA, ...endsOfB]) slowDown(end, megabits);
	};
	return { a, server, b, hopBytes: () => [cable('a'), cable('b')], limit, close };
}

/** One end of a cable: a device, and what to put before a command that is to find it. */
interface End {
	readonly enter: readonly string[];
	readonly device: string;
}

async function joinByCable(name: 'a' | 'b', subnet: string): Promise<[Machine, End[], () => void]> {
	// Holds the namespace; it ends when its input does, which it does with this process, however that ends.
	const holder = spawn('unshare', ['--net', 'cat'], { stdio: ['pipe', 'ignore', 'inherit'] });
	const namespace = `/proc/${holder.pid}/ns/net`;
	while (readlinkSync(namespace) === readlinkSync('/proc/self/ns/net')) await sleep(5);
	const enter = ['nsenter', `--net=${namespace}`];
	const there = (...args: string[]) => must('nsenter', `--net=${namespace}`, 'ip', ...args);
	ip('link', 'add', `hop-${name}`, 'mtu', MTU, 'type', 'veth', 'peer', 'name', 'hop', 'mtu', MTU, 'netns', namespace);
	ip('address', 'add', `${subnet}.1/24`, 'dev', `hop-${name}`);
	ip('link', 'set', `hop-${name}`, 'up');
	there('link', 'set', 'lo', 'up');
	there('address', 'add', `${subnet}.2/24`, 'dev', 'hop');
	there('link', 'set', 'hop', 'up');
	there('route', 'add', 'default', 'via', `${subnet}.1`);
	const ends = [
		{ enter: [], device: `hop-${name}` },
		{ enter, device: 'hop' },
	];
	return [new Machine(name, `${subnet}.2`, enter), ends, () => holder.stdin.end()];
}

function slowDown({ enter, device }: End, megabits: number | undefined): void {
	const [command = '', ...args] = [...enter, 'tc', 'qdisc', megabits === undefined ? 'del' : 'replace', 'dev', device];
	const line = ['tbf', 'rate', `${megabits}mbit`, 'burst', SLOW_BURST, 'latency', SLOW_QUEUE];
	must(command, ...args, 'root', ...(megabits === undefined ? [] : line));
}

/** Received and sent bytes of the server's end of a cable. */
function cable(name: 'a' | 'b'): number {
	const line = new RegExp(`^\\s*hop-${name}:\\s*(.*)$`, 'm').exec(readFileSync('/proc/net/dev', 'utf8'))?.[1] ?? '';
	const counters = line.split(/\s+/).map(Number);
	return counters[0]! + counters[8]!;
}

const ip = (...args: string[]): void => must('ip', ...args);

function must(command: string, ...args: string[]): void {
	const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
	if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${stderr}`);
}

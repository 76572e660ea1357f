import type { Fs, Lasting, OpenTables } from '@mydropbox/client';
import type { ChangesRequest } from '@mydropbox/protocol';
import type { SyncServer } from '@mydropbox/remote';
import type { Boundaries } from './boundaries.ts';

/** Calls that change the disk. */
const CALLS = new Set<keyof Fs>([
	'openWrite',
	'openNew',
	'write',
	'truncate',
	'syncFile',
	'syncFolder',
	'syncAll',
	'link',
	'rename',
	'unlink',
	'makeFolder',
	'removeFolder',
	'symlink',
	'setMtime',
	'setMode',
]);

/** @param who is calling; part of the boundaries' names. */
export const fsWithBoundaries = (fs: Fs, who: string, boundaries: Boundaries): Fs =>
	new Proxy(fs, {
		get: (target, name: keyof Fs) => {
			if (!CALLS.has(name)) return target[name];
			return (...args: unknown[]) => {
				boundaries.reach(`${who}.${name}`);
				if (boundaries.orders?.without?.includes(name)) return undefined;
				return (target[name] as (...all: unknown[]) => unknown)(...args);
			};
		},
	});

/** Only transactions: what is written outside of one is not about anybody's files. */
export const tablesWithBoundaries =
	(open: OpenTables, boundaries: Boundaries): OpenTables =>
	(dirty) => {
		const tables = open(dirty);
		const transaction = <T>(work: () => T, lasting: Lasting): T =>
			tables.transaction(() => {
				const result = work();
				boundaries.reach('store.commit');
				return result;
			}, lasting);
		return new Proxy(tables, {
			get: (target, name: keyof typeof tables) => {
				if (name === 'transaction') return transaction;
				const member = target[name];
				return typeof member === 'function' ? member.bind(target) : member;
			},
		});
	};

/** The question that is always open is no boundary: nothing depends on when it is asked. */
export const serverWithBoundaries = (server: SyncServer, boundaries: Boundaries): SyncServer =>
	new Proxy(server, {
		get:
			(target, name: keyof SyncServer) =>
			(...args: unknown[]) => {
				const isOpenQuestion = name === 'changes' && (args[0] as ChangesRequest).waitMs;
				if (!isOpenQuestion) boundaries.reach(`server.${name}`);
				return (target[name] as (...all: unknown[]) => unknown)(...args);
			},
	});

import { join, resolve } from 'node:path';
import type { DataServerId } from '@mydropbox/protocol';
import {
	createApp,
	createMetrics,
	type Database,
	type Logger,
	openDatabase,
	StartupError,
} from '@mydropbox/server-kit';
import type { Express } from 'express';
import { sql } from 'kysely';
import { SigningKeys } from './auth/signing-keys.ts';
import { TokenCheck } from './auth/token-check.ts';
import { BlockIndex } from './blocks/block-index.ts';
import { BlockStore } from './blocks/block-store.ts';
import { lockDirectory } from './blocks/directory-lock.ts';
import { isBucket, openStorage } from './blocks/open-storage.ts';
import type { SegmentStorage } from './blocks/segment-storage.ts';
import type { DataContext } from './context.ts';
import { Collector } from './gc/collector.ts';
import { Arrivals } from './journal/arrivals.ts';
import { Namespaces } from './journal/namespaces.ts';
import { Notifier } from './journal/notifier.ts';
import { arrivals } from './routes/arrivals.ts';
import { blocksGet } from './routes/blocks-get.ts';
import { blocksMissing } from './routes/blocks-missing.ts';
import { blocksPut } from './routes/blocks-put.ts';
import { changes } from './routes/changes.ts';
import { commit } from './routes/commit.ts';
import { content } from './routes/content.ts';
import { contents } from './routes/contents.ts';
import { listing } from './routes/listing.ts';
import { paths } from './routes/paths.ts';
import { trash } from './routes/trash.ts';
import { trashTree } from './routes/trash-tree.ts';
import { usage } from './routes/usage.ts';
import { versions } from './routes/versions.ts';
import type { DataSchema } from './schema.ts';

export const ROUTES = [
	...[changes, blocksMissing, blocksPut, arrivals, blocksGet, contents, commit],
	...[listing, paths, usage, content, versions, trash, trashTree],
];

const SQL_DIRECTORY = resolve(import.meta.dirname, '../../../sql/data-server');

export interface Store {
	readonly database: Database<DataSchema>;
	readonly storage: SegmentStorage;
	readonly keys: SigningKeys;
	close(): Promise<void>;
}

export interface StoreOptions {
	/** A `DatabaseUrl`. */
	readonly database: string;
	/** A directory, or the address of a bucket. */
	readonly blocks: string;
	/** A directory of this machine for its own small files; only asked for where the blocks are not in one. */
	readonly state?: string | null;
	/** The server that it is opened for; undefined: for its maintenance. */
	readonly owner?: DataServerId;
	readonly onWaiting?: (message: string) => void;
}

/**
 * Opens what a data server keeps: its database and its blocks, for this process alone.
 * @throws StartupError that says what is wrong and what to do.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
	const { blocks } = options;
	const lock = await (isBucket(blocks) ? lockDirectory(stateOf(options), 'state') : lockDirectory(blocks, 'blocks'));
	try {
		const storage = await openStorage(blocks, lock.folder, options.owner);
		const keys = await SigningKeys.load(join(lock.folder, 'signing-keys.json'));
		const onWaiting = options.onWaiting ?? (() => {});
		const database = await openDatabase<DataSchema>({ url: options.database, sqlDir: SQL_DIRECTORY, onWaiting });
		const close = async () => {
			await database.close();
			lock.release();
		};
		return { database, storage, keys, close };
	} catch (error) {
		lock.release();
		throw error;
	}
}

function stateOf({ state }: StoreOptions): string {
	if (state) return state;
	throw new StartupError(
		'--state is missing: with the blocks in a bucket, the server needs a directory of this machine for its lock and its keys.',
		{ exitCode: 2 },
	);
}

export interface DataServerOptions {
	id: DataServerId;
	store: Store;
	/** Asks the route-server for the signing keys. */
	refreshKeys: () => Promise<void>;
	log: Logger;
	stopping: AbortSignal;
	/** What whoever reads `/metrics` has to send; when not set, only this machine may. */
	metricsToken?: string | undefined;
	now?: () => Date;
}

export interface DataServer {
	readonly app: Express;
	readonly context: DataContext;
	/** Does nothing until it is run. */
	readonly collector: Collector;
}

export function createDataServer(options: DataServerOptions): DataServer {
	const { id, store, refreshKeys, log, stopping, metricsToken, now = () => new Date() } = options;
	const { db } = store.database;
	const metrics = createMetrics();
	const index = new BlockIndex(db);
	const notifier = new Notifier();
	stopping.addEventListener('abort', () => notifier.wakeAll(), { once: true });
	const context: DataContext = {
		db,
		index,
		blocks: new BlockStore({ index, storage: store.storage, log, metrics, now }),
		namespaces: new Namespaces(db, now),
		arrivals: new Arrivals(now),
		notifier,
		tokens: new TokenCheck({ id, keys: () => store.keys.all, refresh: refreshKeys, now }),
		now,
	};
	const ping = async () => {
		await sql`select 1`.execute(db);
	};
	const app = createApp({
		log,
		context,
		endpoints: ROUTES,
		stopping,
		metrics,
		metricsToken,
		checks: { database: ping },
	});
	const collector = new Collector({ db, storage: store.storage, log, metrics, now });
	return { app, context, collector };
}

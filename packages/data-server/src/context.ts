import type { TokenCheck } from './auth/token-check.ts';
import type { BlockIndex } from './blocks/block-index.ts';
import type { BlockStore } from './blocks/block-store.ts';
import type { Arrivals } from './journal/arrivals.ts';
import type { Namespaces } from './journal/namespaces.ts';
import type { Notifier } from './journal/notifier.ts';
import type { Db } from './sql.ts';

/** What the endpoints need. */
export interface DataContext {
	readonly db: Db;
	readonly blocks: BlockStore;
	readonly index: BlockIndex;
	readonly namespaces: Namespaces;
	readonly arrivals: Arrivals;
	readonly notifier: Notifier;
	readonly tokens: TokenCheck;
	readonly now: () => Date;
}

import type { Central } from '@mydropbox/central';

/** What the endpoints need. */
export interface RouteContext {
	readonly central: Central;
	/** Shared with the data servers; whoever has it can register one. */
	readonly clusterSecret: string;
	/** Origin where clients reach this server; null: wherever they did. */
	readonly publicUrl: string | null;
	/** Origin of the website; null when nobody said. */
	readonly webUrl: string | null;
}

/** JSON from strangers is small. */
export const STRANGERS_BODY_BYTES = 64 * 1024;

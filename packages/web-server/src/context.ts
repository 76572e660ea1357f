import type { Central } from '@mydropbox/central';
import type { RouteApi } from '@mydropbox/remote';
import type { Addresses } from './addresses.ts';

/** What every endpoint works with. Nothing here is remembered between requests. */
export interface WebContext {
	readonly central: Central;
	readonly route: RouteApi;
	readonly addresses: Addresses;
}

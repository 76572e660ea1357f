export {
	CONTENT_REQUEST_HEADERS,
	CONTENT_RESPONSE_HEADERS,
	type ContentAnswer,
	type ContentOptions,
} from './content.ts';
export { DataApi, type DataApiOptions } from './data-api.ts';
export { isPassing, ServerUnreachable, SignedOut, UnexpectedAnswer } from './errors.ts';
export { Grants } from './grants.ts';
export { createAgent } from './http.ts';
export { ByteMeter, type Meter } from './meter.ts';
export type { CallOptions, GetBlocksOptions, PutBlocksOptions, SyncServer } from './port.ts';
export { type Discovered, RouteApi } from './route-api.ts';
export { withFreshToken } from './with-fresh-token.ts';
export { withRetry } from './with-retry.ts';

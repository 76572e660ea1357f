import { ApiError, type TokenGrant } from '@mydropbox/protocol';
import { ServerUnreachable } from './errors.ts';
import type { Grants } from './grants.ts';
import type { SyncServer } from './port.ts';
import { repeating } from './repeating.ts';

/**
 * The server that a device's grants lead to. A token that was refused is replaced and the call made once more; when
 * nobody answers, the next call asks again where the data server is, for it may have moved.
 * @param open makes the server of a grant; called for each call, so it is cheap.
 */
export function withFreshToken(grants: Grants, open: (grant: TokenGrant) => SyncServer): SyncServer {
	return repeating(async ({ number, failure, namespace, signal }) => {
		if (number > 0) {
			if (isRefused(failure)) grants.forget();
			if (failure instanceof ServerUnreachable) grants.doubt();
			if (number > 1 || !isRefused(failure)) throw failure;
		}
		return open(await grants.for(namespace, { signal }));
	});
}

const isRefused = (failure: unknown): boolean =>
	failure instanceof ApiError && (failure.code === 'token-expired' || failure.code === 'not-signed-in');

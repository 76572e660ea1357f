import { ApiError, type NamespaceId, type TokenGrant } from '@mydropbox/protocol';
import { SignedOut } from './errors.ts';
import type { CallOptions } from './port.ts';
import type { RouteApi } from './route-api.ts';

/** A token is renewed this long before it expires, so that no request meets its end on the way. */
const MARGIN_MS = 60_000;

interface Held {
	readonly grants: readonly TokenGrant[];
	/** By the clock `now`. */
	readonly renewAt: number;
	readonly expiresAt: number;
}

/** Keeps a device's access tokens: asked for when needed, by one request however many callers wait for it. */
export class Grants {
	readonly #route: Pick<RouteApi, 'tokens'>;
	readonly #refreshToken: string;
	readonly #now: () => number;
	#held: Held | undefined;
	#doubted = false;
	#asking: Promise<readonly TokenGrant[]> | undefined;

	/** @param now milliseconds of a clock that never goes back. */
	constructor(route: Pick<RouteApi, 'tokens'>, refreshToken: string, now: () => number = () => performance.now()) {
		this.#route = route;
		this.#refreshToken = refreshToken;
		this.#now = now;
	}

	async all({ signal }: CallOptions = {}): Promise<readonly TokenGrant[]> {
		signal?.throwIfAborted();
		if (this.#held && !this.#doubted && this.#now() < this.#held.renewAt) return this.#held.grants;
		this.#asking ??= this.#ask().finally(() => {
			this.#asking = undefined;
		});
		return abortable(this.#asking, signal);
	}

	async for(namespace: NamespaceId, options: CallOptions = {}): Promise<TokenGrant> {
		const grants = await this.all(options);
		const grant = grants.find(({ namespaces }) => namespaces.some(({ id }) => id === namespace));
		if (grant) return grant;
		this.forget();
		throw new ApiError(
			'forbidden',
			'This account has no access to the folder any more. Sign in with the account that has.',
		);
	}

	/** The next caller gets new ones: these were refused. */
	forget(): void {
		this.#held = undefined;
	}

	/** Nobody answers where these lead: the next caller asks whether the data server has moved. */
	doubt(): void {
		this.#doubted = true;
	}

	async #ask(): Promise<readonly TokenGrant[]> {
		const asked = this.#now();
		try {
			const { grants } = await this.#route.tokens(this.#refreshToken);
			const lifetime = Math.min(...grants.map(({ expiresIn }) => expiresIn * 1000));
			const renewAt = asked + Math.max(lifetime - MARGIN_MS, lifetime / 2);
			this.#held = { grants, renewAt, expiresAt: asked + lifetime };
			this.#doubted = false;
			return grants;
		} catch (error) {
			if (error instanceof ApiError && error.code === 'not-signed-in') {
				this.forget();
				throw new SignedOut(error);
			}
			// The route-server may be down for as long as the tokens are good.
			if (this.#held && this.#now() < this.#held.expiresAt) return this.#held.grants;
			throw error;
		}
	}
}

/** The shared request goes on for the others when one caller gives up. */
function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
	if (!signal) return promise;
	return new Promise((resolve, reject) => {
		const abort = () => reject(signal.reason);
		signal.addEventListener('abort', abort, { once: true });
		promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
	});
}

import { ApiError, type NamespaceId, type TokenGrant } from '@mydropbox/protocol';
import { SignedOut } from './errors.ts';
import type { CallOptions } from './port.ts';
import type { RouteApi } from './route-api.ts';

/** A token is renewed this long before it expires, so that no request meets its end on the way. */
const MARGIN_MS = 60_000;

/** Keeps a device's access tokens: asked for when needed, by one request however many callers wait for it. */
export class Grants {
	readonly #route: Pick<RouteApi, 'tokens'>;
	readonly #refreshToken: string;
	readonly #now: () => number;
	#held: Held | undefined;

	/** @param now milliseconds of a clock that never goes back. */
	constructor(route: Pick<RouteApi, 'tokens'>, refreshToken: string, now: () => number = () => performance.now()) {
		this.#route = route;
		this.#refreshToken = refreshToken;
		this.#now = now;
	}

	async all({ signal }: CallOptions = {}): Promise<readonly TokenGrant[]> {
		signal?.throwIfAborted();
		if (!this.#held || this.#now() >= this.#held.expires) this.#held = this.#ask();
		return abortable(this.#held.grants, signal);
	}

	async for(namespace: NamespaceId, options: CallOptions = {}): Promise<TokenGrant> {
		const grants = await this.all(options);
		const grant = grants.find(({ namespaces }) => namespaces.some(({ id }) => id === namespace));
		if (grant) return grant;
		this.forget();
		throw new ApiError('forbidden', 'This account has no access to that folder any more. Sign in with another account, or ask its owner to share it again.');
	}

	/** The next caller gets new ones: these were refused, or where they lead to nobody answers. */
	forget(): void {
		this.#held = undefined;
	}

	#ask(): Held {
		const asked = this.#now();
		const held: Held = { grants: this.#fetch(), expires: Number.POSITIVE_INFINITY };
		held.grants.then(
			(grants) => {
				const lifetime = Math.min(...grants.map(({ expiresIn }) => expiresIn * 1000));
				held.expires = asked + Math.max(lifetime - MARGIN_MS, lifetime / 2);
			},
			() => {
				if (this.#held === held) this.#held = undefined;
			},
		);
		return held;
	}

	async #fetch(): Promise<readonly TokenGrant[]> {
		try {
			return (await this.#route.tokens(this.#refreshToken)).grants;
		} catch (error) {
			throw error instanceof ApiError && error.code === 'not-signed-in' ? new SignedOut(error) : error;
		}
	}
}

interface Held {
	readonly grants: Promise<readonly TokenGrant[]>;
	/** By the clock `now`. */
	expires: number;
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

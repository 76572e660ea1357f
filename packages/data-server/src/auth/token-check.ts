import { type AccessClaims, ApiError, type DataServerId } from '@mydropbox/protocol';
import { UnknownSigningKey, type VerifyOptions, verifyAccessToken } from '@mydropbox/server-kit';

export interface TokenCheckOptions {
	/** This server: a token for another one is not good here. */
	id: DataServerId;
	keys: () => VerifyOptions['keys'];
	/** Asks the route-server for the keys; rejects when it does not answer. */
	refresh: () => Promise<void>;
	now: () => Date;
}

/** Strangers can make up key names: asking for them is not done more often than this, in milliseconds. */
const REFRESH_AT_MOST_EVERY = 5000;

/** Tokens whose signature need not be checked again: a device sends the same one for a quarter of an hour. About 2 KB each. */
const REMEMBERED = 2000;

/** Checks access tokens by the signing keys. Nobody is asked, but when a token is signed by a key never heard of. */
export class TokenCheck {
	readonly #options: TokenCheckOptions;
	/** Oldest first; all of them signed by the keys of `#rememberedFor`. */
	readonly #remembered = new Map<string, AccessClaims>();
	#rememberedFor: VerifyOptions['keys'] | undefined;
	#refreshedAt = Number.NEGATIVE_INFINITY;

	constructor(options: TokenCheckOptions) {
		this.#options = options;
	}

	/** @throws ApiError `not-signed-in`, `token-expired`, or `not-ready` while no key is known at all. */
	async check(token: string): Promise<AccessClaims> {
		try {
			return await this.#verify(token);
		} catch (error) {
			if (!(error instanceof UnknownSigningKey)) throw error;
		}
		await this.#refresh();
		try {
			return await this.#verify(token);
		} catch (error) {
			if (!(error instanceof UnknownSigningKey)) throw error;
			if (this.#options.keys().length === 0) {
				throw new ApiError('not-ready', 'This server has not reached the route-server yet; try again in a moment.', {
					retryAfter: 5,
				});
			}
			throw new ApiError('not-signed-in', 'The access token is not signed by this installation; get a new one.');
		}
	}

	async #verify(token: string): Promise<AccessClaims> {
		const { id, now } = this.#options;
		const keys = this.#options.keys();
		// A key that was withdrawn takes its tokens with it.
		if (keys !== this.#rememberedFor) this.#remembered.clear();
		this.#rememberedFor = keys;
		const known = this.#remembered.get(token);
		if (known && now().getTime() < known.exp * 1000) return known;
		const claims = await verifyAccessToken(token, { keys, audience: id, now: now().getTime() });
		if (keys === this.#rememberedFor) this.#remember(token, claims);
		return claims;
	}

	#remember(token: string, claims: AccessClaims): void {
		this.#remembered.set(token, claims);
		if (this.#remembered.size > REMEMBERED) this.#remembered.delete(this.#remembered.keys().next().value as string);
	}

	async #refresh(): Promise<void> {
		const now = this.#options.now().getTime();
		if (now - this.#refreshedAt < REFRESH_AT_MOST_EVERY) return;
		this.#refreshedAt = now;
		await this.#options.refresh().catch(() => {});
	}
}

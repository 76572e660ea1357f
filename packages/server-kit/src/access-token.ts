import { AccessClaims, ApiError } from '@mydropbox/protocol';
import type { Request } from 'express';
import { createLocalJWKSet, errors, type JWK, jwtVerify } from 'jose';

/** Clocks of two machines may be this far apart, in seconds. */
const CLOCK_TOLERANCE = 10;

export interface VerifyOptions {
	/** Public keys (JWK) that may have signed it. Pass the same array while they stay the same: it is parsed once. */
	keys: readonly JWK[];
	/** The data server that is asked; left out where a token for any of them is good. */
	audience?: string;
	/** Milliseconds since 1970. */
	now: number;
}

/** The key that signed is not among `keys`: fetch them again before giving up. */
export class UnknownSigningKey extends ApiError {
	constructor() {
		super('not-signed-in', 'The access token was signed with a key that is not known here; get a new one.');
	}
}

/**
 * What an access token allows. Asks nobody.
 * @throws ApiError `token-expired` or `not-signed-in`, which send a client back for a new token; UnknownSigningKey.
 */
export async function verifyAccessToken(token: string, { keys, audience, now }: VerifyOptions): Promise<AccessClaims> {
	try {
		const { payload } = await jwtVerify(token, parsedKeys(keys), {
			algorithms: ['EdDSA', 'Ed25519'],
			issuer: 'mydropbox',
			clockTolerance: CLOCK_TOLERANCE,
			currentDate: new Date(now),
			...(audience === undefined ? {} : { audience }),
		});
		return AccessClaims.parse(payload);
	} catch (error) {
		if (error instanceof errors.JWKSNoMatchingKey) throw new UnknownSigningKey();
		if (error instanceof errors.JWTExpired) {
			throw new ApiError('token-expired', 'The access token has expired; get a new one.', { cause: error });
		}
		throw new ApiError('not-signed-in', 'The access token is not valid here; get a new one.', { cause: error });
	}
}

const parsed = new WeakMap<readonly JWK[], ReturnType<typeof createLocalJWKSet>>();

function parsedKeys(keys: readonly JWK[]): ReturnType<typeof createLocalJWKSet> {
	const known = parsed.get(keys) ?? createLocalJWKSet({ keys: [...keys] });
	parsed.set(keys, known);
	return known;
}

/** @throws ApiError `not-signed-in` when there is none. */
export function bearerToken(request: Request): string {
	const token = /^Bearer +(\S+)$/i.exec(request.get('authorization') ?? '')?.[1];
	if (token === undefined) {
		throw new ApiError('not-signed-in', 'This needs a token in the Authorization header ("Bearer …"); sign in first.');
	}
	return token;
}

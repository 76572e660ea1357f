import { type AccessClaims, ApiError, type NamespaceId } from '@mydropbox/protocol';
import { bearerToken } from '@mydropbox/server-kit';
import type { Request } from 'express';
import type { DataContext } from '../context.ts';
import type { Grant, Namespaces } from '../journal/namespaces.ts';

/** Whoever sent a request with a valid token, and the only way from a namespace's id to the namespace. */
export class Caller {
	readonly claims: AccessClaims;
	readonly #namespaces: Namespaces;

	constructor(claims: AccessClaims, namespaces: Namespaces) {
		this.claims = claims;
		this.#namespaces = namespaces;
	}

	/**
	 * The namespace exists when this resolves.
	 * @throws ApiError `forbidden`, whether or not there is such a namespace, unless the token names it with the right.
	 */
	async open(namespace: NamespaceId, right: 'read' | 'write'): Promise<Grant> {
		const grant = this.claims.namespaces.find(({ id }) => id === namespace);
		if (!grant) throw new ApiError('forbidden', 'You have no access to this folder.');
		if (right === 'write' && grant.rights !== 'write') {
			throw new ApiError('forbidden', 'You may read this folder, but not change it.');
		}
		await this.#namespaces.ensure(grant);
		return grant;
	}
}

/** For `authenticate` of an endpoint. */
export const signedIn = async (request: Request, { tokens, namespaces }: DataContext): Promise<Caller> =>
	new Caller(await tokens.check(bearerToken(request)), namespaces);

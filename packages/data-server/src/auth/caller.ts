import { type AccessClaims, ApiError, type NamespaceId, type NodeId, rootOf } from '@mydropbox/protocol';
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
		const grant = this.claims.namespaces.find(({ id }) => id === namespace) ?? refused();
		if (right === 'write' && grant.rights !== 'write') {
			throw new ApiError('forbidden', 'You may read this folder, but not change it.');
		}
		await this.#namespaces.ensure(grant);
		return grant;
	}

	/**
	 * For reading what is now in the namespace, also for whoever follows a link: then only from the node that it leads to on.
	 * @throws ApiError `forbidden`, as `open`.
	 */
	async openBelow(namespace: NamespaceId): Promise<Below> {
		const { below } = this.claims;
		if (below?.id !== namespace) return { ...(await this.open(namespace, 'read')), top: rootOf(namespace) };
		await this.#namespaces.ensure(below);
		return { ...below, top: below.node };
	}
}

/** A namespace, or a part of it. */
export interface Below extends Grant {
	/** Where paths begin. */
	readonly top: NodeId;
}

function refused(): never {
	throw new ApiError('forbidden', 'You have no access to this folder.');
}

/** For `authenticate` of an endpoint. */
export const signedIn = async (request: Request, { tokens, namespaces }: DataContext): Promise<Caller> =>
	new Caller(await tokens.check(bearerToken(request)), namespaces);

import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import type { DataServerId } from '@mydropbox/protocol';

export const SERVER_ID = 'data-test' as DataServerId;
export const newId = <Id extends string>(): Id => randomBytes(16).toString('hex') as Id;
const QUOTA = 5_000_000_000;
const signing = generateKeyPairSync('ed25519');
export const publicKey = { ...signing.publicKey.export({ format: 'jwk' }), kid: 'test-key', alg: 'EdDSA' };

export interface TokenWishes {
	audience?: string;
	rights?: 'read' | 'write';
	quota?: number;
	/** Seconds from now. */
	expiresIn?: number;
	/** Namespaces beside the person's own. */
	also?: object[];
	/** Instead of the person's namespace, only what is at or below this node of it. */
	below?: string;
	key?: KeyObject;
	kid?: string;
}

export interface Identity {
	readonly user: string;
	readonly name: string;
	readonly namespace: string;
	readonly device: string;
}

export function tokenOf({ user, name, namespace, device }: Identity, wishes: TokenWishes = {}): string {
	const { audience = SERVER_ID, rights = 'write', quota = QUOTA, expiresIn = 900, also = [], below } = wishes;
	const own = { id: namespace, owner: user, ownerName: name, quota, rights };
	const now = Math.floor(Date.now() / 1000);
	const claims = {
		iss: 'mydropbox',
		sub: user,
		aud: audience,
		device,
		deviceName: `${name}'s laptop`,
		...(below === undefined
			? { namespaces: [own, ...also] }
			: { namespaces: also, below: { ...own, rights: 'read', node: below } }),
		iat: now,
		exp: now + expiresIn,
	};
	const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
	const signed = `${encode({ alg: 'EdDSA', kid: wishes.kid ?? 'test-key' })}.${encode(claims)}`;
	return `${signed}.${sign(null, Buffer.from(signed), wishes.key ?? signing.privateKey).toString('base64url')}`;
}

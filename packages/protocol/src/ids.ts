import { z } from 'zod';

const hex128 = z.string().regex(/^[0-9a-f]{32}$/, 'must be 32 lower-case hexadecimal digits');

/** A node's name for life: 128 random bits, chosen by whoever creates the node. */
export const NodeId = hex128.brand<'NodeId'>();
export type NodeId = z.infer<typeof NodeId>;

/** A namespace. Its root folder is the node with the same 128 bits. */
export const NamespaceId = hex128.brand<'NamespaceId'>();
export type NamespaceId = z.infer<typeof NamespaceId>;

export const UserId = hex128.brand<'UserId'>();
export type UserId = z.infer<typeof UserId>;

export const DeviceId = hex128.brand<'DeviceId'>();
export type DeviceId = z.infer<typeof DeviceId>;

/** A link that a person shares. Not what opens it: that is the token, which the address of the link has in it. */
export const LinkId = hex128.brand<'LinkId'>();
export type LinkId = z.infer<typeof LinkId>;

/** Names one life of a namespace's journal; it changes when a server is restored from a backup. */
export const Epoch = hex128.brand<'Epoch'>();
export type Epoch = z.infer<typeof Epoch>;

/** One reading of a large file that is on its way to the server. A file that changes meanwhile is read anew, under another. */
export const ArrivalId = hex128.brand<'ArrivalId'>();
export type ArrivalId = z.infer<typeof ArrivalId>;

/** Names one commit, so that sending it twice does it once. */
export const IdempotencyKey = hex128.brand<'IdempotencyKey'>();
export type IdempotencyKey = z.infer<typeof IdempotencyKey>;

/** Chosen by whoever runs the server: letters, digits, dot, dash, underscore. */
export const DataServerId = z
	.string()
	.regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be 1 to 64 letters, digits, dots, dashes or underscores')
	.brand<'DataServerId'>();
export type DataServerId = z.infer<typeof DataServerId>;

/** A revision: counts the accepted changes of a namespace. 0 is the empty namespace. */
export const Rev = z.number().int().min(0).brand<'Rev'>();
export type Rev = z.infer<typeof Rev>;

export const rootOf = (namespace: NamespaceId): NodeId => namespace as string as NodeId;

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** @param randomBytes the caller's source of chance; 16 bytes are drawn. */
export function randomId<Id extends string>(randomBytes: (size: number) => Uint8Array): Id {
	return toHex(randomBytes(16)) as Id;
}

/**
 * An id that is greater than those of earlier milliseconds, as in UUID version 7 (RFC 9562): what was made together lies
 * together in a database's index, where random ids would touch a page each. To everybody else it is as opaque as any.
 * @param now milliseconds since 1970; a clock that was set back costs order, never uniqueness.
 * @param randomBytes the caller's source of chance; 10 bytes are drawn.
 */
export function orderedId<Id extends string>(now: number, randomBytes: (size: number) => Uint8Array): Id {
	const time = Math.max(0, now).toString(16).padStart(12, '0').slice(-12);
	return (time + toHex(randomBytes(10))) as Id;
}

function toHex(bytes: Uint8Array): string {
	let hex = '';
	for (const byte of bytes) hex += HEX[byte];
	return hex;
}

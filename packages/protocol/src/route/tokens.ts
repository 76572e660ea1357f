import { z } from 'zod';
import { DataServerId, DeviceId, NamespaceId, NodeId, UserId } from '../ids.ts';

const NamespaceGrant = z.object({
	id: NamespaceId,
	/** Whose blocks and whose quota. */
	owner: UserId,
	ownerName: z.string(),
	/** Bytes. */
	quota: z.number().int(),
	rights: z.enum(['read', 'write']),
});

/**
 * Claims of an access token (JWT, EdDSA, 15 minutes). The data server believes them because of the signature and
 * asks nobody; `aud` names the one data server where it opens anything.
 */
export const AccessClaims = z.object({
	iss: z.literal('mydropbox'),
	sub: UserId,
	aud: DataServerId,
	/** The device, or what stands for one of a web session or a link. */
	device: DeviceId,
	/** For history and conflict names. */
	deviceName: z.string(),
	namespaces: z.array(NamespaceGrant),
	/**
	 * For whoever follows a link: reading what the node is now and what is in it, and nothing else of the namespace. Not among
	 * `namespaces`, so that a data server of before there were links opens nothing.
	 */
	below: NamespaceGrant.extend({ rights: z.literal('read'), node: NodeId }).optional(),
	iat: z.number(),
	exp: z.number(),
});
export type AccessClaims = z.infer<typeof AccessClaims>;
export const ACCESS_TOKEN_SECONDS = 15 * 60;

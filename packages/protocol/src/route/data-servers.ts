import { z } from 'zod';
import { DataServerId } from '../ids.ts';

/**
 * `POST /v1/data-servers/heartbeat` with `Authorization: Bearer <cluster secret>`: registers the server the first
 * time and says that it lives every time. The answer brings the keys that sign tokens.
 */
export const HeartbeatRequest = z.strictObject({
	id: DataServerId,
	/** Bytes of quota that may be placed on it. */
	maxCapacity: z.number().int().min(0),
	/** Where route- and web-servers reach it. */
	ipAddr: z.string().min(1).max(255),
	listeningPort: z.number().int().min(1).max(65535),
	/** Where clients reach it; null: the host by which they reached the route-server, with `listeningPort`. */
	publicUrl: z.url().nullable(),
	/** False announces that it is going away. */
	available: z.boolean(),
});
export type HeartbeatRequest = z.infer<typeof HeartbeatRequest>;

export const HeartbeatResponse = z.object({
	/** Public keys (JWK) by which tokens are checked. */
	keys: z.array(z.record(z.string(), z.unknown())),
	/** Seconds until the next one is expected; three missed and the server counts as gone. */
	interval: z.number().int().min(1),
});
export type HeartbeatResponse = z.infer<typeof HeartbeatResponse>;

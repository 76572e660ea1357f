import { z } from 'zod';
import { Password, Username } from '../accounts.ts';
import { DataServerId, DeviceId, NamespaceId, UserId } from '../ids.ts';
import { utf8Length } from '../names.ts';

/** Becomes a part of the names of conflict copies, and so has to fit in a name beside the rest of it. */
export const DeviceName = z
	.string()
	.trim()
	.normalize('NFC')
	.min(1)
	.max(64)
	.regex(/^[^/\\\0-\x1f]+$/, 'must not contain slashes or control characters')
	.refine((name) => name.isWellFormed(), 'is not valid Unicode')
	.refine((name) => utf8Length(name) <= 150, 'is longer than 150 bytes in UTF-8');

/** `POST /v1/devices`: signs a device in. The refresh token is shown this once and stored hashed. */
export const SignInRequest = z.strictObject({
	username: z.string().min(1).max(320),
	password: z.string().min(1).max(1024),
	device: DeviceName,
});
export type SignInRequest = z.infer<typeof SignInRequest>;

export const RefreshToken = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
export const SignInResponse = z.object({
	user: UserId,
	username: Username,
	device: DeviceId,
	refreshToken: RefreshToken,
});
export type SignInResponse = z.infer<typeof SignInResponse>;

/** `POST /v1/tokens` with `Authorization: Bearer <refresh token>`: short-lived access and where to use it. */
export const TokenGrant = z.object({
	dataServer: DataServerId,
	/** Origin to send sync requests to, e.g. `http://192.0.2.7:8082`. */
	url: z.url(),
	/** Signed token for this data server only. */
	token: z.string(),
	/** Seconds that it is valid from now. */
	expiresIn: z.number().int(),
	namespaces: z.array(
		z.object({ id: NamespaceId, kind: z.enum(['root', 'shared']), rights: z.enum(['read', 'write']) }),
	),
	/** False while the data server sends no heartbeats; the token stays good for when it is back. */
	available: z.boolean(),
});
export type TokenGrant = z.infer<typeof TokenGrant>;
export const TokensResponse = z.object({ grants: z.array(TokenGrant) });
export type TokensResponse = z.infer<typeof TokensResponse>;

/** `GET /.well-known/mydropbox`, on route- and web-server: lets a person give either address to `mydropbox login`. */
export const Discovery = z.object({
	service: z.literal('mydropbox'),
	protocol: z.number().int(),
	/** Origins; null means: the one you asked. */
	routeServer: z.url().nullable(),
	webServer: z.url().nullable(),
});
export type Discovery = z.infer<typeof Discovery>;

/** `POST /v1/users` on the route-server, for `mydropbox signup`; the web API's `POST /users` takes the same body. */
export const SignUpRequest = z.strictObject({ username: Username, email: z.email().max(254), password: Password });
export type SignUpRequest = z.infer<typeof SignUpRequest>;

export const SignUpResponse = z.object({ user: UserId, username: Username });
export type SignUpResponse = z.infer<typeof SignUpResponse>;

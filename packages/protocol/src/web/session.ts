import { z } from 'zod';
import { User } from './users.ts';

/** `POST /session`: signs in. A browser gets the same token as a cookie that scripts on the page cannot read. */
export const CreateSessionRequest = z.strictObject({
	username: z.string().min(1, 'is missing').max(320).meta({ description: 'The username, or the e-mail address.' }),
	password: z.string().min(1, 'is missing').max(1024),
});
export type CreateSessionRequest = z.infer<typeof CreateSessionRequest>;

export const CreateSessionResponse = z.object({
	token: z.string().meta({ description: 'Send it as `Authorization: Bearer <token>`.' }),
	expiresAt: z.iso
		.datetime()
		.meta({ description: 'The session ends then unless it is used before; each use prolongs it.' }),
	user: User,
});
export type CreateSessionResponse = z.infer<typeof CreateSessionResponse>;

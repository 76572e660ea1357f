import { z } from 'zod';
import { Username } from '../accounts.ts';
import { UserId } from '../ids.ts';

/** An account as its owner sees it. The body of `POST /users` is `SignUpRequest` (route/devices.ts). */
export const User = z
	.object({ id: UserId, username: Username, email: z.email() })
	.meta({ id: 'User', description: 'An account.' });
export type User = z.infer<typeof User>;

/** `POST /users`: 201. Signing in is a second request: `POST /session`. */
export const SignUpResponse = z.object({ user: User });
export type SignUpResponse = z.infer<typeof SignUpResponse>;

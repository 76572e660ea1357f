import { z } from 'zod';
import { Password, Username } from '../accounts.ts';
import { UserId } from '../ids.ts';

/** An account as its owner sees it. The body of `POST /users` is `SignUpRequest` (route/devices.ts). */
export const User = z
	.object({ id: UserId, username: Username, email: z.email() })
	.meta({ id: 'User', description: 'An account.' });
export type User = z.infer<typeof User>;

/** `GET /sign-ups` */
export const SignUpsResponse = z.object({
	signUps: z
		.enum(['open', 'closed'])
		.meta({ description: 'Whether anybody can make an account, or only whoever runs the servers.' }),
});
export type SignUpsResponse = z.infer<typeof SignUpsResponse>;

/** `POST /users`: 201. Signing in is a second request: `POST /session`. */
export const SignUpResponse = z.object({ user: User });
export type SignUpResponse = z.infer<typeof SignUpResponse>;

/** `PUT /me/password`: every other session in a browser ends, devices stay signed in. 204. */
export const ChangePasswordRequest = z.strictObject({
	current: z.string().min(1, 'is missing').max(1024),
	password: Password.meta({ description: 'The new one.' }),
});
export type ChangePasswordRequest = z.infer<typeof ChangePasswordRequest>;

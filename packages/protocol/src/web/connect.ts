import { z } from 'zod';

/** `GET /connect`: what a person needs to connect a device. */
export const ConnectResponse = z.object({
	server: z.url().meta({ description: 'The address to give to `mydropbox login --server`.' }),
	routeServer: z.url().meta({ description: 'Where devices sign in; `mydropbox login` finds it by itself.' }),
	username: z.string(),
});
export type ConnectResponse = z.infer<typeof ConnectResponse>;

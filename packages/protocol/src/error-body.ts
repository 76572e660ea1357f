import { z } from 'zod';

/** The body of every answer that is a refusal. */
export const ErrorBody = z.object({
	error: z.object({
		code: z.string(),
		/** For a person: what is wrong and what to do next. */
		message: z.string(),
		/** Names the request in the server's log. */
		request: z.string().optional(),
	}),
});
export type ErrorBody = z.infer<typeof ErrorBody>;

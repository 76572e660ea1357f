import { DatabaseUrl } from '@mydropbox/server-kit';
import { z } from 'zod';

/** Settings that the server and its maintenance have in common. */
export const STORE_SETTINGS = {
	database: {
		schema: DatabaseUrl,
		help: "this data server's own database: sqlite:PATH or mysql://user:password@host:port/name",
		example: 'url',
		secret: true,
	},
	blocks: { schema: z.string().min(1), help: 'directory of the block store', example: 'directory' },
} as const;

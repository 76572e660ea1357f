import { z } from 'zod';
import { DataServerId } from '../ids.ts';
import { User } from './users.ts';

/** `GET /me`. The usage is null while the data server cannot be asked. */
export const MeResponse = z.object({
	user: User,
	quota: z.number().int().min(0).meta({ description: 'Bytes of space.' }),
	bytesUsed: z.number().int().min(0).nullable().meta({ description: 'Bytes of the current files.' }),
	files: z.number().int().min(0).nullable(),
	dataServer: z
		.object({ id: DataServerId, available: z.boolean() })
		.meta({ description: 'The server that keeps the files, and whether it can be reached now.' }),
});
export type MeResponse = z.infer<typeof MeResponse>;

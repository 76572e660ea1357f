import { DEFAULT_QUOTA_BYTES } from '@mydropbox/protocol';
import { Bytes, DatabaseUrl, defineSettings, SignUps } from '@mydropbox/server-kit';

/** What everything that opens the central database is told: the same to all. */
export const CENTRAL_SETTINGS = defineSettings({
	database: {
		schema: DatabaseUrl,
		help: 'central database: sqlite:PATH or mysql://user:password@host:port/name',
		example: 'url',
		secret: true,
	},
	quota: { schema: Bytes.default(DEFAULT_QUOTA_BYTES), help: 'space of a new user', example: 'bytes' },
	signUps: SignUps,
});

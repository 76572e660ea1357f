import { DEFAULT_QUOTA_BYTES } from '@mydropbox/protocol';
import {
	Bytes,
	type Config,
	DatabaseUrl,
	defineSettings,
	HistoryDays,
	LOG_LEVELS,
	MetricsToken,
	Port,
	SignUps,
} from '@mydropbox/server-kit';
import { z } from 'zod';

const MOST_DATA_SERVERS = 64;

/** A directory of SQLite files, or a MySQL server and what the names of its databases begin with. */
const DatabaseChoice = z
	.string()
	.refine(
		(text) => text === 'sqlite' || (!text.startsWith('sqlite') && DatabaseUrl.safeParse(text).success),
		'must be sqlite, or mysql://user:password@host:port/prefix',
	)
	.default('sqlite');

export const SETTINGS = defineSettings({
	data: { schema: z.string().min(1).default('./data'), help: 'directory that keeps everything', example: 'dir' },
	host: {
		schema: z.string().min(1).default('127.0.0.1'),
		help: 'address to listen on; 0.0.0.0 lets other machines in',
		example: 'address',
	},
	webPort: { schema: Port.default(8080), help: 'port of the website', example: 'port' },
	routePort: { schema: Port.default(8081), help: 'port that devices sign in at', example: 'port' },
	dataPort: {
		schema: Port.default(8082),
		help: 'port of the first data server; the next ones follow',
		example: 'port',
	},
	dataServers: {
		schema: z.coerce.number().int().min(1).max(MOST_DATA_SERVERS).optional(),
		help: 'how many data servers; when not set, as many as the last time, at first one',
		example: 'number',
	},
	capacity: {
		schema: Bytes.optional(),
		help: "bytes of users' quotas that each data server takes; when not set, from the free disk space at the first start",
		example: 'bytes',
	},
	quota: { schema: Bytes.default(DEFAULT_QUOTA_BYTES), help: 'bytes that a new user gets', example: 'bytes' },
	signUps: SignUps,
	historyDays: HistoryDays,
	database: {
		schema: DatabaseChoice,
		help: 'sqlite, or mysql://user:password@host:port/prefix for the databases prefix_central, prefix_data1, …',
		example: 'choice',
		secret: true,
	},
	metricsToken: MetricsToken,
	logLevel: { schema: z.enum(LOG_LEVELS).default('info'), help: 'how much the servers log', example: 'level' },
});

export type StandaloneConfig = Config<typeof SETTINGS>;

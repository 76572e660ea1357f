import { type Logger, pino } from 'pino';

export type { Logger } from 'pino';

/** Wherever these keys appear, one or two levels deep, their value is not written down. */
const SECRET_KEYS = [
	'authorization',
	'cookie',
	'set-cookie',
	'password',
	'token',
	'refreshToken',
	'clusterSecret',
	'secret',
	// mysql2 puts the statement with all its values into its errors.
	'sql',
];

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** One JSON object per line on standard output. */
export function createLog(name: string, level: (typeof LOG_LEVELS)[number] = 'info'): Logger {
	// When whoever reads the log is gone, there is no log. pino's own destination would retry at exit for ever, and the
	// server would never end.
	process.stdout.on('error', () => {});
	return pino(
		{
			name,
			level,
			timestamp: pino.stdTimeFunctions.isoTime,
			formatters: { level: (label) => ({ level: label }) },
			redact: {
				paths: SECRET_KEYS.flatMap((key) => [`["${key}"]`, `*["${key}"]`, `*.*["${key}"]`]),
				censor: '[secret]',
			},
		},
		process.stdout,
	);
}

/** For tests and tools that do not want a log. */
export const silentLog = (): Logger => pino({ level: 'silent' });

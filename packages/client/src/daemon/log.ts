import { type Logger, pino } from 'pino';
import type { Home } from './home.ts';
import { RotatingFile } from './rotating-file.ts';

/** One JSON object per line in the home; `mydropbox logs` shows it to people. */
export function openLog(home: Home): Logger {
	return pino(
		{
			base: null,
			timestamp: pino.stdTimeFunctions.isoTime,
			formatters: { level: (label) => ({ level: label }) },
			redact: {
				paths: [
					'token',
					'refreshToken',
					'password',
					'authorization',
					'*.token',
					'*.refreshToken',
					'*.password',
					'*.authorization',
				],
			},
		},
		new RotatingFile(home.log),
	);
}

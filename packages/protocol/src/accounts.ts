import { z } from 'zod';

/** Unique without regard to case; shown as it was typed. */
export const Username = z
	.string()
	.regex(
		/^[A-Za-z0-9][A-Za-z0-9._-]{1,31}$/,
		'must be 2 to 32 letters, digits, dots, dashes or underscores, and start with a letter or digit',
	);
export type Username = z.infer<typeof Username>;

export const Password = z
	.string()
	.min(8, 'must have at least 8 characters')
	.max(1024, 'must have at most 1024 characters');

/** Space of a new user unless the installation says otherwise: 5 GB. */
export const DEFAULT_QUOTA_BYTES = 5_000_000_000;

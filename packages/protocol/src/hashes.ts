import { z } from 'zod';

const hex256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hexadecimal digits');

/** SHA-256 of a block's bytes. */
export const BlockHash = hex256.brand<'BlockHash'>();
export type BlockHash = z.infer<typeof BlockHash>;

/** Names one version of a file's bytes: SHA-256 over its chunker's id and its ordered blocks (see content/content.ts). */
export const ContentHash = hex256.brand<'ContentHash'>();
export type ContentHash = z.infer<typeof ContentHash>;

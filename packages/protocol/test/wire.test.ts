import { createHash } from 'node:crypto';
import { z } from 'zod';
import { CHUNKER, FRAME_HEADER_BYTES } from '../src/content/index.ts';
import * as protocol from '../src/index.ts';

/** Everything that both sides must agree on, as text. */
function wire(): string {
	const exported: [string, unknown][] = Object.entries(protocol);
	const schemas = exported
		.filter((entry): entry is [string, z.ZodType] => entry[1] instanceof z.ZodType)
		.sort(([a], [b]) => (a < b ? -1 : 1))
		.map(([name, schema]) => [name, z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })]);
	const { LIMITS, ERROR_STATUS, VERSION_HEADER } = protocol;
	return JSON.stringify({ schemas, LIMITS, ERROR_STATUS, VERSION_HEADER, CHUNKER, FRAME_HEADER_BYTES });
}

/**
 * Fails when anything that travels has changed. Is it something that a client or server one version older can live
 * with? Then say so in docs/protocol.md and put the new hash here. If not, raise PROTOCOL_VERSION as well, and handle
 * both versions.
 */
test('the wire is what it was', () => {
	expect({ version: protocol.PROTOCOL_VERSION, hash: createHash('sha256').update(wire()).digest('hex') }).toEqual({
		version: 1,
		hash: 'e99f289f7ce6123889ad2195a2541eb41548b1b19e42f845e077df4fa7bc194f',
	});
});

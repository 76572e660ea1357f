import { readFileSync } from 'node:fs';
import { NodeId } from '@mydropbox/protocol';
import { z } from 'zod';
import { UserError } from './user-error.ts';
import { writeDurably } from './write-durably.ts';

/** Something on the server that a person wants not to be on this device, with all that is in it. */
const Deselected = z.strictObject({
	id: NodeId,
	/** Where it was when it was excluded, for messages. */
	path: z.string(),
});
export type Deselected = Readonly<z.infer<typeof Deselected>>;

/** Where it is remembered: apart from the database, so that a lost one does not bring everything here. */
export interface ExcludedFile {
	/** @throws UserError when it is there and cannot be read: to take it for empty would fill the disk. */
	read(): readonly Deselected[];
	/** Durable when it returns. */
	write(deselected: readonly Deselected[]): void;
}

export const excludedFile = (path: string): ExcludedFile => ({
	read() {
		try {
			return z.array(Deselected).parse(JSON.parse(readFileSync(path, 'utf8')));
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
			const nextStep = 'Correct it, or delete it: then what was excluded comes back to this device.';
			throw new UserError(`${path}, the list of what is excluded, cannot be read.`, nextStep, { cause: error });
		}
	},
	write: (deselected) => writeDurably(path, `${JSON.stringify(deselected, null, '\t')}\n`),
});

import { z } from 'zod';
import { NodeId } from '../ids.ts';
import { FileEntry } from './files.ts';
import { PathBelowRoot } from './path.ts';

/** Names a version in requests about the file that it is of. */
const Version = z.number().int().min(1).meta({ description: 'Names the version in other requests about this file.' });
const Device = z
	.string()
	.nullable()
	.meta({ description: 'The device that it came from; null when that is not known.' });

export const KeptVersion = z
	.object({
		version: Version,
		size: z.number().int().min(0).meta({ description: 'Bytes.' }),
		mtime: z.iso.datetime().meta({ description: 'When its content was last changed, as its device said.' }),
		savedAt: z.iso.datetime().meta({ description: 'When the server got it.' }),
		device: Device,
		current: z.boolean().meta({ description: 'Whether it is what the file holds now.' }),
	})
	.meta({ id: 'KeptVersion', description: 'A version of a file that the server keeps.' });
export type KeptVersion = z.infer<typeof KeptVersion>;

/** `GET /files/versions?path=/a.txt`: latest first. Older ones than whoever runs the server keeps are gone. */
export const ListVersionsQuery = z.strictObject({ path: PathBelowRoot });
export const ListVersionsResponse = z.object({ path: z.string(), versions: z.array(KeptVersion) });
export type ListVersionsResponse = z.infer<typeof ListVersionsResponse>;

/** `POST /files/versions/restore`: what the file holds now becomes a kept version, too. */
export const RestoreVersionRequest = z.strictObject({ path: PathBelowRoot, version: Version });
export type RestoreVersionRequest = z.input<typeof RestoreVersionRequest>;
export const RestoreVersionResponse = z.object({ file: FileEntry });

export const DeletedEntry = z
	.object({
		id: NodeId.meta({ description: 'What `POST /trash/restore` asks for.' }),
		name: FileEntry.shape.name,
		path: z.string().meta({ description: 'Where it was, if it went back now.' }),
		kind: FileEntry.shape.kind,
		size: FileEntry.shape.size,
		deletedAt: z.iso.datetime(),
		device: Device,
	})
	.meta({ id: 'DeletedEntry', description: 'A deleted file, link, or folder with what was deleted along with it.' });
export type DeletedEntry = z.infer<typeof DeletedEntry>;

/** `GET /trash`: what was deleted, latest first; what was deleted with its folder comes back with that. */
export const ListTrashQuery = z.strictObject({
	before: z.coerce.number().int().min(1).optional().meta({ description: '`nextBefore` of the page before.' }),
	limit: z.coerce.number().int().min(1).max(300).default(100),
});
export const ListTrashResponse = z.object({
	entries: z.array(DeletedEntry),
	nextBefore: z.number().int().nullable().meta({ description: '`before` of the next page; null on the last.' }),
});
export type ListTrashResponse = z.infer<typeof ListTrashResponse>;

/** `POST /trash/restore`: back to where it was; as "name (2)" if something else has its name by now. */
export const RestoreDeletedRequest = z.strictObject({ id: NodeId });
export type RestoreDeletedRequest = z.input<typeof RestoreDeletedRequest>;
export const RestoreDeletedResponse = z.object({
	file: FileEntry,
	restored: z.number().int().min(1).meta({ description: 'How many files, links and folders are back.' }),
});
export type RestoreDeletedResponse = z.infer<typeof RestoreDeletedResponse>;

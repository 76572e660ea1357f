import { z } from 'zod';
import { NodeId } from '../ids.ts';
import { LIMITS } from '../limits.ts';
import { Name } from '../names.ts';
import { Path, PathBelowRoot } from './path.ts';

/** A file, folder or symbolic link in a listing. */
export const FileEntry = z
	.object({
		id: NodeId.meta({ description: 'Stays the same when it is renamed or moved.' }),
		name: Name,
		path: z.string(),
		kind: z.enum(['file', 'folder', 'symlink']),
		size: z.number().int().min(0).nullable().meta({ description: 'Bytes; null for what is not a file.' }),
		mtime: z.iso.datetime().nullable().meta({ description: 'When the content was last changed; null for a folder.' }),
		target: z.string().nullable().meta({ description: 'Where a symbolic link points; null for all else.' }),
	})
	.meta({ id: 'FileEntry', description: 'A file, folder or symbolic link.' });
export type FileEntry = z.infer<typeof FileEntry>;

/** `GET /files?path=/`: a page of a folder, folders first, then by name; or one file, by its own path. */
export const ListFilesQuery = z.strictObject({
	path: Path.default('/'),
	offset: z.coerce.number().int().min(0).default(0).meta({ description: 'Entries to pass over.' }),
	limit: z.coerce.number().int().min(1).max(LIMITS.listingPage).default(LIMITS.listingPage),
});
export type ListFilesQuery = z.infer<typeof ListFilesQuery>;

export const ListFilesResponse = z.object({
	path: z.string(),
	entry: FileEntry.nullable().meta({ description: 'What is at the path; null for the root folder.' }),
	entries: z.array(FileEntry).meta({ description: 'What is in the folder; empty for a file or link.' }),
	total: z.number().int().min(0).meta({ description: 'Entries in the folder, on all pages.' }),
	nextOffset: z.number().int().nullable().meta({ description: '`offset` of the next page; null on the last.' }),
});
export type ListFilesResponse = z.infer<typeof ListFilesResponse>;

/** `GET /files/content?path=/a.txt`: the bytes of a file. */
export const FileContentQuery = z.strictObject({
	path: PathBelowRoot,
	disposition: z
		.enum(['attachment', 'inline'])
		.default('attachment')
		.meta({ description: '`inline` shows in the browser what is safe to show there; all else is downloaded.' }),
	version: z.coerce
		.number()
		.int()
		.min(1)
		.optional()
		.meta({ description: 'An older version, from `GET /files/versions`; the latest when left out.' }),
});
export type FileContentQuery = z.infer<typeof FileContentQuery>;

/**
 * What becomes of an uploaded file whose name is taken by a file with other content:
 * it is kept beside the other as "name (2).ext", or becomes its new version (the old one stays in history), or is refused.
 * Equal content is no clash: nothing happens, so an upload can be repeated safely.
 */
export const NameClash = z.enum(['keep-both', 'replace', 'refuse']);
export type NameClash = z.infer<typeof NameClash>;

/** `POST /files?path=/folder`, multipart/form-data: one or more files, streamed into the folder. */
export const UploadQuery = z.strictObject({
	path: Path.default('/').meta({ description: 'An existing folder.' }),
	clash: NameClash.default('keep-both').meta({
		description:
			'When the name is taken by a file with other content: keep both as "name (2).ext", replace it (the old version stays in history), or refuse with `name-taken`.',
	}),
	mtime: z.iso.datetime({ offset: true }).optional().meta({
		description: 'When the files were last changed, where they come from; the time of the upload when left out.',
	}),
});
export type UploadQuery = z.infer<typeof UploadQuery>;
export const UploadResponse = z.object({ files: z.array(FileEntry) });
export type UploadResponse = z.infer<typeof UploadResponse>;

/** `DELETE /files?path=`: a file, a link, or a folder with all that is in it. 204. */
export const DeleteFileQuery = z.strictObject({ path: PathBelowRoot });
export type DeleteFileQuery = z.infer<typeof DeleteFileQuery>;

/** `POST /files/move`: renames or moves. `to` is the full new path and must be free. */
export const MoveFileRequest = z.strictObject({ from: PathBelowRoot, to: PathBelowRoot });
export type MoveFileRequest = z.input<typeof MoveFileRequest>;
export const MoveFileResponse = z.object({ file: FileEntry });

/** `POST /folders`: 201. The folder it is in must exist. */
export const CreateFolderRequest = z.strictObject({ path: PathBelowRoot });
export type CreateFolderRequest = z.input<typeof CreateFolderRequest>;
export const CreateFolderResponse = z.object({ folder: FileEntry });

/** As many as fit in an address. */
export const MOST_IN_ARCHIVE = 256;

/** `GET /folders/archive?path=/photos`: the folder, or some of what is in it, as a ZIP file. */
export const ArchiveQuery = z.strictObject({
	path: Path.default('/'),
	only: z
		.string()
		.regex(/^[0-9a-f]{32}(,[0-9a-f]{32})*$/, 'must be ids of entries, separated by commas')
		.max(33 * MOST_IN_ARCHIVE, `must be at most ${MOST_IN_ARCHIVE} ids`)
		.optional()
		.meta({ description: 'The ids of what to take of the folder; all of it when left out.' }),
});

/** What the root folder, which has no name, is called when it is downloaded. */
export const ROOT_ARCHIVE = 'myDropbox';

import { z } from 'zod';
import { LinkId } from '../ids.ts';
import { ArchiveQuery, FileContentQuery, FileEntry, ListFilesQuery } from './files.ts';
import { Path, PathBelowRoot } from './path.ts';

/** What opens a link: 256 random bits. The address is `/s#TOKEN`, so that browsers send it to nobody by themselves. */
export const LinkToken = z
	.string()
	.regex(/^[A-Za-z0-9_-]{43}$/, 'must be 43 letters, digits, dashes and underscores')
	.brand<'LinkToken'>();
export type LinkToken = z.infer<typeof LinkToken>;

/** The page of the website that opens a link. */
export const LINK_PAGE = '/s';

export const SharedLink = z
	.object({
		id: LinkId,
		path: z.string().nullable().meta({ description: 'Where it leads now; null when that was deleted.' }),
		kind: z.enum(['file', 'folder']).nullable().meta({ description: 'null when it was deleted.' }),
		createdAt: z.iso.datetime(),
		endsAt: z.iso.datetime().nullable().meta({ description: 'null: when it is removed.' }),
	})
	.meta({ id: 'SharedLink', description: 'Lets everybody who has it see and download a file or folder.' });
export type SharedLink = z.infer<typeof SharedLink>;

const LONGEST_DAYS = 3650;

/** `POST /links`: 201. A link follows what it leads to when that is renamed or moved. */
export const CreateLinkRequest = z.strictObject({
	path: PathBelowRoot,
	days: z
		.number()
		.int()
		.min(1)
		.max(LONGEST_DAYS)
		.nullable()
		.default(null)
		.meta({ description: 'After how many days it ends; null: when it is removed.' }),
});
export type CreateLinkRequest = z.input<typeof CreateLinkRequest>;
export const CreateLinkResponse = z.object({
	link: SharedLink,
	token: LinkToken.meta({ description: 'Told once: the server keeps only a hash of it.' }),
});
export type CreateLinkResponse = z.infer<typeof CreateLinkResponse>;

/** `GET /links`: newest first. */
export const ListLinksResponse = z.object({ links: z.array(SharedLink) });

/** `DELETE /links?id=`: from then on it leads nowhere. 204. */
export const DeleteLinkQuery = z.strictObject({ id: LinkId });

/** `POST /shared`: gives the browser a cookie for the link, with which the other questions about it are answered. */
export const OpenLinkRequest = z.strictObject({ token: LinkToken });
export const OpenLinkResponse = z.object({
	id: LinkId,
	entry: FileEntry.meta({ description: 'What it leads to; its path is "/".' }),
	owner: z.string().meta({ description: 'Username of whoever shares it.' }),
	endsAt: z.iso.datetime().nullable(),
});
export type OpenLinkResponse = z.infer<typeof OpenLinkResponse>;

const link = LinkId.optional().meta({
	description: 'Which link, for browsers that have opened several; scripts send its token as a bearer token instead.',
});

/** `GET /shared/files`, and the others about what a link leads to: "/" is the file or folder itself. */
export const SharedFilesQuery = ListFilesQuery.extend({ link });
export const SharedContentQuery = FileContentQuery.omit({ version: true, disposition: true }).extend({
	link,
	path: Path.default('/'),
});
export const SharedArchiveQuery = ArchiveQuery.extend({ link });

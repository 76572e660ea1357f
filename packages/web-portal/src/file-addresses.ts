import type { FileEntry, LinkToken, OpenLinkResponse } from '@mydropbox/protocol/web';
import type { To } from 'react-router';
import { archiveUrl, contentUrl } from './api/files.ts';
import { sharedArchiveUrl, sharedContentUrl } from './api/shared.ts';
import type { Download } from './download.ts';
import { folderAddress, sharedAddress } from './location.ts';

/** Where the browser finds what is at a path: among the account's own files, or in what a link leads to. */
export interface FileAddresses {
	/** The page that shows a folder. */
	readonly folder: (path: string) => To;
	/** The bytes of a file. */
	readonly content: (path: string) => string;
	/** A folder as a ZIP file. */
	readonly archive: (path: string) => string;
}

export const OWN_FILES: FileAddresses = { folder: folderAddress, content: contentUrl, archive: archiveUrl };

export const sharedFiles = ({ id }: OpenLinkResponse, token: LinkToken): FileAddresses => ({
	folder: (path) => sharedAddress(token, path),
	content: (path) => sharedContentUrl(id, path),
	archive: (path) => sharedArchiveUrl(id, path),
});

/** A file as it is, a folder as a ZIP file. */
export const downloadOf = ({ content, archive }: FileAddresses, { kind, name, path }: FileEntry): Download =>
	kind === 'folder' ? { name: `${name}.zip`, url: archive(path) } : { name, url: content(path) };

import { type ListFilesQuery, type ListFilesResponse, splitPath } from '@mydropbox/protocol/web';
import type { Access } from './access.ts';
import { entryOf } from './entry.ts';

/** A page of a folder, or one file. */
export async function listPage(files: Access, query: ListFilesQuery, signal: AbortSignal): Promise<ListFilesResponse> {
	const { path, offset, limit } = query;
	const { node, entries, total } = await files.ask((api, namespace) =>
		api.listing({ namespace, path, offset, limit }, { signal }),
	);
	const end = offset + entries.length;
	return {
		path,
		entry: node && entryOf(node, splitPath(path)[0]),
		entries: entries.map((entry) => entryOf(entry, path)),
		total,
		nextOffset: entries.length > 0 && end < total ? end : null,
	};
}

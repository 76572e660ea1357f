import { pipeline } from 'node:stream/promises';
import { ApiError } from '@mydropbox/protocol';
import { API_BASE, ArchiveQuery, ROOT_ARCHIVE } from '@mydropbox/protocol/web';
import { endpoint } from '@mydropbox/server-kit';
import { signedIn } from '../auth/signed-in.ts';
import type { WebContext } from '../context.ts';
import { openFiles } from '../tree/open-files.ts';
import { ContentReader } from '../tree/read-contents.ts';
import { walk } from '../tree/walk.ts';
import { zipOf } from '../tree/zip.ts';

export const getArchive = endpoint({
	method: 'get',
	path: `${API_BASE}/folders/archive`,
	summary: 'Download a folder with all that is in it, or some of that, as a ZIP file',
	query: ArchiveQuery,
	authenticate: signedIn,
	handle: async ({ query: { path, only }, caller, request, reply, gone }, context: WebContext) => {
		const files = openFiles(context, caller);
		const { node } = await files.ask((api, namespace) => api.listing({ namespace, path, limit: 1 }, { signal: gone }));
		if (node && node.kind !== 'folder')
			throw new ApiError('not-found', `"${node.name}" is not a folder. Download it by itself.`);
		const root = node?.name ?? ROOT_ARCHIVE;
		reply.attachment(`${root}.zip`);
		if (request.method === 'HEAD') return void reply.end();
		const chosen = only === undefined ? undefined : new Set(only.split(','));
		const zip = zipOf(root, walk(files, path, gone, chosen), new ContentReader(files, gone));
		await pipeline(zip, reply, { signal: gone }).catch((error: unknown) => {
			// A download that the person stopped is no failure.
			if (!gone.aborted) throw error;
		});
	},
});

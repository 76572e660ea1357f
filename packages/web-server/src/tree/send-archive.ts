import { pipeline } from 'node:stream/promises';
import { ApiError } from '@mydropbox/protocol';
import { ROOT_ARCHIVE } from '@mydropbox/protocol/web';
import type { Access } from './access.ts';
import { ContentReader } from './read-contents.ts';
import type { ContentCall } from './send-content.ts';
import { walk } from './walk.ts';
import { zipOf } from './zip.ts';

/** @param only ids of what is right in the folder, separated by commas; all of it when left out. */
export async function sendArchive(
	files: Access,
	{ path, only }: { path: string; only?: string | undefined },
	{ request, reply, gone }: ContentCall,
): Promise<void> {
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
}

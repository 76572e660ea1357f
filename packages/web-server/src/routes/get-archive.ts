import { API_BASE, ArchiveQuery } from '@mydropbox/protocol/web';
import { endpoint } from '@mydropbox/server-kit';
import { signedIn } from '../auth/signed-in.ts';
import type { WebContext } from '../context.ts';
import { openFiles } from '../tree/open-files.ts';
import { sendArchive } from '../tree/send-archive.ts';

export const getArchive = endpoint({
	method: 'get',
	path: `${API_BASE}/folders/archive`,
	summary: 'Download a folder with all that is in it, or some of that, as a ZIP file',
	query: ArchiveQuery,
	authenticate: signedIn,
	handle: ({ query, caller, ...call }, context: WebContext) => sendArchive(openFiles(context, caller), query, call),
});

import { API_BASE, RestoreVersionRequest, RestoreVersionResponse, splitPath } from '@mydropbox/protocol/web';
import { endpoint } from '@mydropbox/server-kit';
import { signedIn } from '../auth/signed-in.ts';
import type { WebContext } from '../context.ts';
import { entryOf } from '../tree/entry.ts';
import { openFiles } from '../tree/open-files.ts';
import { restoreVersion as restore } from '../tree/restore-version.ts';

export const restoreVersion = endpoint({
	method: 'post',
	path: `${API_BASE}/files/versions/restore`,
	summary: 'Make a kept version of a file the current one',
	body: RestoreVersionRequest,
	response: RestoreVersionResponse,
	authenticate: signedIn,
	handle: async ({ body: { path, version }, caller }, context: WebContext) => {
		const node = await restore(openFiles(context, caller), path, version);
		return { file: entryOf(node, splitPath(path)[0]) };
	},
});

import { API_BASE, DeleteFileQuery } from '@mydropbox/protocol/web';
import { endpoint } from '@mydropbox/server-kit';
import { signedIn } from '../auth/signed-in.ts';
import type { WebContext } from '../context.ts';
import { commitOne } from '../tree/commit.ts';
import { findNode } from '../tree/look-up.ts';
import { openFiles } from '../tree/open-files.ts';
import { refused } from '../tree/refused.ts';

export const deleteFile = endpoint({
	method: 'delete',
	path: `${API_BASE}/files`,
	summary: 'Delete a file, or a folder with all that is in it',
	query: DeleteFileQuery,
	authenticate: signedIn,
	handle: async ({ query, caller }, context: WebContext) => {
		const files = openFiles(context, caller);
		const { epoch, node, subtreeRev } = await findNode(files, query.path);
		const below = node.kind === 'folder' ? { below: subtreeRev } : {};
		const result = await commitOne(files, epoch, { op: 'delete', id: node.id, base: node.rev, ...below });
		// A change in the very moment is not deleted along: nobody has seen it yet.
		if (!result.ok) throw refused(result.code, `“${node.name}” was not deleted`);
	},
});

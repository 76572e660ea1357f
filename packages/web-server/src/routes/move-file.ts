import type { Name } from '@mydropbox/protocol';
import { API_BASE, MoveFileRequest, MoveFileResponse, splitPath } from '@mydropbox/protocol/web';
import { endpoint } from '@mydropbox/server-kit';
import { signedIn } from '../auth/signed-in.ts';
import type { WebContext } from '../context.ts';
import { commitOne } from '../tree/commit.ts';
import { entryOf } from '../tree/entry.ts';
import { findFolder, findNode } from '../tree/look-up.ts';
import { openFiles } from '../tree/open-files.ts';
import { refused } from '../tree/refused.ts';

/** A device may be saving the very file; its new content moves along. */
const ATTEMPTS = 5;

export const moveFile = endpoint({
	method: 'post',
	path: `${API_BASE}/files/move`,
	summary: 'Rename or move a file or folder',
	body: MoveFileRequest,
	response: MoveFileResponse,
	authenticate: signedIn,
	handle: async ({ body: { from, to }, caller }, context: WebContext) => {
		const files = openFiles(context, caller);
		const [place, last] = splitPath(to);
		const name = last as Name;
		for (let attempt = 1; ; attempt++) {
			const { epoch, node } = await findNode(files, from);
			if (from === to) return { file: entryOf(node, place) };
			if (to.startsWith(`${from}/`)) throw refused('cycle', `“${node.name}” was not moved`);
			const { id: parent } = await findFolder(files, place);
			const result = await commitOne(files, epoch, { op: 'move', id: node.id, base: node.rev, parent, name });
			if (result.ok) return { file: entryOf({ ...node, parent, name, rev: result.rev }, place) };
			if (result.code !== 'stale' || attempt === ATTEMPTS) throw refused(result.code, `“${node.name}” was not moved`);
		}
	},
});

import { type Name, Rev } from '@mydropbox/protocol';
import { API_BASE, CreateFolderRequest, CreateFolderResponse, splitPath } from '@mydropbox/protocol/web';
import { endpoint } from '@mydropbox/server-kit';
import { signedIn } from '../auth/signed-in.ts';
import type { WebContext } from '../context.ts';
import { commitOne, newNodeId } from '../tree/commit.ts';
import { entryOf } from '../tree/entry.ts';
import { findFolder } from '../tree/look-up.ts';
import { openFiles } from '../tree/open-files.ts';
import { refused } from '../tree/refused.ts';

export const createFolder = endpoint({
	method: 'post',
	path: `${API_BASE}/folders`,
	summary: 'Make a folder',
	status: 201,
	body: CreateFolderRequest,
	response: CreateFolderResponse,
	authenticate: signedIn,
	handle: async ({ body, caller }, context: WebContext) => {
		const files = openFiles(context, caller);
		const [place, last] = splitPath(body.path);
		const name = last as Name;
		const { epoch, id: parent } = await findFolder(files, place);
		const id = newNodeId();
		const version = { kind: 'folder' } as const;
		const result = await commitOne(files, epoch, { op: 'put', id, base: Rev.parse(0), parent, name, version });
		if (!result.ok) throw refused(result.code, `The folder “${name}” was not made`);
		return { folder: entryOf({ ...version, id, parent, name, rev: result.rev }, place) };
	},
});

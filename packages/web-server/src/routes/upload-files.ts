import { userById } from '@mydropbox/central';
import { ApiError, Mtime } from '@mydropbox/protocol';
import { API_BASE, UploadQuery, UploadResponse } from '@mydropbox/protocol/web';
import { endpoint } from '@mydropbox/server-kit';
import { signedIn } from '../auth/signed-in.ts';
import type { WebContext } from '../context.ts';
import { entryOf } from '../tree/entry.ts';
import { findFolder } from '../tree/look-up.ts';
import { openFiles } from '../tree/open-files.ts';
import { placeFiles } from '../tree/place-files.ts';
import { BlockBatches } from '../upload/block-batches.ts';
import { readContent } from '../upload/read-content.ts';
import { receiveFiles } from '../upload/receive-files.ts';
import { toDataServer } from '../upload/to-data-server.ts';

/** Blocks first, then one commit: files appear whole or not at all. */
export const uploadFiles = endpoint({
	method: 'post',
	path: `${API_BASE}/files`,
	summary: 'Upload files into a folder',
	status: 201,
	query: UploadQuery,
	response: UploadResponse,
	authenticate: signedIn,
	handle: async ({ query, caller, request, reply, gone }, context: WebContext) => {
		const files = openFiles(context, caller);
		const { quota } = await userById(context.central, caller.device.user);
		// Refused before the first byte where the answer is known already.
		const mtime = mtimeOf(query.mtime ?? new Date(context.central.now()).toISOString());
		const { epoch, id: folder } = await findFolder(files, query.path);
		const batches = new BlockBatches(toDataServer(files, gone));
		const received = await receiveFiles(request, reply, (stream) => readContent(stream, batches, quota));
		await batches.finish();
		if (gone.aborted) throw new ApiError('truncated-body', 'The upload was broken off; nothing was stored.');
		const nodes = await placeFiles(
			files,
			{ epoch, folder, clash: query.clash },
			received.map((file) => ({ ...file, mtime })),
		);
		return { files: nodes.map((node) => entryOf(node, query.path)) };
	},
});

function mtimeOf(iso: string): Mtime {
	const mtime = Mtime.safeParse(String(BigInt(Date.parse(iso)) * 1_000_000n));
	if (mtime.success) return mtime.data;
	throw new ApiError('bad-request', 'mtime: must lie between the years 1678 and 2262. Nothing was stored.');
}

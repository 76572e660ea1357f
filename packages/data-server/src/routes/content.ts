import { ApiError, type Content, ContentQuery } from '@mydropbox/protocol';
import { endpoint } from '@mydropbox/server-kit';
import { signedIn } from '../auth/caller.ts';
import { requestedRange } from '../content/byte-range.ts';
import { fileBytes } from '../content/file-bytes.ts';
import { safeHeaders } from '../content/safe-headers.ts';
import { sendBytes } from '../content/send-bytes.ts';
import type { DataContext } from '../context.ts';
import { versionAt } from '../history/history.ts';
import { readContents } from '../tree/contents.ts';
import { findByPath } from '../tree/find.ts';
import type { TreeNode } from '../tree/tree-node.ts';

/** Answers GET and HEAD. */
export const content = endpoint({
	method: 'get',
	path: '/v1/content',
	summary: "A file's bytes, whole or a range",
	query: ContentQuery,
	authenticate: signedIn,
	handle: async ({ query, caller, request, reply, gone }, { db, blocks }: DataContext) => {
		const { version } = query;
		const { owner, top } = await caller.openBelow(query.namespace);
		// A link leads to what is there now, and not to what was.
		if (version !== undefined) await caller.open(query.namespace, 'read');
		const node = await findByPath(db, query.namespace, query.path, top);
		const file = fileOf(version === undefined ? node : await versionAt(db, query.namespace, node.id, version));
		const etag = `"${file.content}"`;
		reply.set({ ETag: etag, 'Last-Modified': httpDate(file.mtime), 'Cache-Control': 'private, no-cache' });
		if (request.fresh) {
			reply.status(304).end();
			return;
		}
		const range = requestedRange(request, reply, etag, file.size);
		const { start, end } = range ?? { start: 0, end: file.size };
		const headers = {
			...safeHeaders(node.name, query.disposition),
			'Accept-Ranges': 'bytes',
			'Content-Length': String(end - start),
			...(range ? { 'Content-Range': `bytes ${start}-${end - 1}/${file.size}` } : {}),
		};
		reply.status(range ? 206 : 200);
		if (request.method === 'HEAD') {
			reply.set(headers).end();
			return;
		}
		const [list] = await readContents(db, query.namespace, [file.content]);
		await sendBytes(reply, gone, headers, fileBytes(blocks, owner, list as Content, { start, end }));
	},
});

function fileOf({ name, version }: TreeNode) {
	if (version.kind === 'file') return version;
	const what = version.kind === 'folder' ? 'a folder' : 'a symbolic link';
	throw new ApiError('bad-request', `"${name || '/'}" is ${what} and has no content to download. Choose a file.`);
}

/** Nanoseconds since 1970 to the form of HTTP, as far as its years reach. */
function httpDate(mtime: string): string {
	const date = new Date(Number(BigInt(mtime) / 1_000_000n));
	return date.getUTCFullYear() >= 1970 && date.getUTCFullYear() <= 9999
		? date.toUTCString()
		: new Date(0).toUTCString();
}

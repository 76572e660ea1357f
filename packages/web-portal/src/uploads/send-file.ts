import { type NameClash, UploadResponse } from '@mydropbox/protocol/web';
import { apiUrl, problemOf, ServerUnreachable } from '../api/request.ts';

export interface Sending {
	readonly folder: string;
	readonly file: File;
	readonly clash: NameClash;
	readonly signal: AbortSignal;
	/** @param sent bytes that have left the browser. */
	readonly onProgress: (sent: number) => void;
}

/** XMLHttpRequest, because fetch does not tell how far an upload has come. */
export function sendFile({ folder, file, clash, signal, onProgress }: Sending): Promise<void> {
	return new Promise((resolve, reject) => {
		const body = new FormData();
		body.append('file', file, file.name);

		const xhr = new XMLHttpRequest();
		xhr.open('POST', apiUrl('/files', { path: folder, clash, mtime: new Date(file.lastModified).toISOString() }));
		xhr.upload.onprogress = ({ loaded }) => onProgress(Math.min(loaded, file.size));
		xhr.onload = () => {
			if (xhr.status >= 400) return reject(problemOf(xhr.status, xhr.responseText));
			const answer = UploadResponse.safeParse(tryJson(xhr.responseText));
			if (!answer.success)
				return reject(new ServerUnreachable('The server gave an answer that this page does not understand.'));
			resolve();
		};
		xhr.onerror = () =>
			reject(
				new ServerUnreachable(
					'The connection broke, or the file cannot be read any more. Nothing of it was stored; try again.',
				),
			);
		xhr.onabort = () => reject(signal.reason);
		signal.addEventListener('abort', () => xhr.abort(), { once: true });
		xhr.send(body);
	});
}

function tryJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

import type { Readable } from 'node:stream';
import { ApiError, type Content, LIMITS, type Name, nameFault } from '@mydropbox/protocol';
import type { Request, Response } from 'express';
import multer, { MulterError } from 'multer';

export interface ReceivedFile {
	readonly name: Name;
	readonly content: Content;
}

/**
 * Reads a multipart body and hands the bytes of each file on as they come.
 * Resolves when all files are stored. When it rejects, some may be stored, and none has a name yet.
 */
export async function receiveFiles(
	request: Request,
	reply: Response,
	store: (stream: Readable) => Promise<Content>,
): Promise<ReceivedFile[]> {
	if (!request.is('multipart/form-data')) {
		throw new ApiError('unsupported-type', 'Send files as multipart/form-data.');
	}
	const received: Promise<ReceivedFile>[] = [];
	const reader = multer({
		// Browsers send names as UTF-8 without saying so; a path is kept so that it can be refused, not quietly cut.
		defParamCharset: 'utf8',
		preservePath: true,
		limits: { files: LIMITS.commitOperations, fields: 10, fieldSize: 1000, fieldNameSize: 100 },
		storage: {
			_handleFile: (_request, file, done) => {
				const storing = receiveOne(file, store);
				received.push(storing);
				storing.then(() => done(), done);
			},
			// Blocks without a name are nobody's; the data server clears them away.
			_removeFile: (_request, _file, done) => done(null),
		},
	}).any();
	const { promise, resolve, reject } = Promise.withResolvers<void>();
	reader(request, reply, (error?: unknown) => (error ? reject(toApiError(error)) : resolve()));
	await promise;
	if (received.length === 0) throw new ApiError('bad-request', 'There is no file in the body; nothing was stored.');
	return Promise.all(received);
}

async function receiveOne(
	file: Express.Multer.File,
	store: (stream: Readable) => Promise<Content>,
): Promise<ReceivedFile> {
	try {
		const name = fileName(file.originalname);
		return { name, content: await store(file.stream) };
	} catch (error) {
		// The parser goes on only when somebody reads.
		file.stream.resume();
		throw error;
	}
}

function fileName(typed: string): Name {
	const name = typed.normalize('NFC');
	// The parser puts this character where the bytes were no UTF-8.
	const fault = name.includes('\ufffd') ? 'is not valid UTF-8' : nameFault(name);
	if (fault) throw new ApiError('bad-name', `A file cannot be stored: its name ${fault}. Give it another name.`);
	return name as Name;
}

function toApiError(error: unknown): unknown {
	if (error instanceof MulterError) {
		const code = error.code === 'LIMIT_FILE_COUNT' ? 'too-large' : 'bad-request';
		const most =
			error.code === 'LIMIT_FILE_COUNT' ? ` At most ${LIMITS.commitOperations} files fit in one request.` : '';
		return new ApiError(code, `The upload was refused: ${error.message}.${most} Nothing was stored.`);
	}
	// What the parser itself throws are plain errors; those of the servers behind have names of their own.
	if (error instanceof Error && error.name === 'Error') {
		return new ApiError(
			'truncated-body',
			'The upload ended early or is not well formed; nothing was stored. Send it again.',
			{ cause: error },
		);
	}
	return error;
}

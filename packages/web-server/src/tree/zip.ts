import { once } from 'node:events';
import { type PassThrough, Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import { inBatches } from './in-batches.ts';
import type { ContentReader } from './read-contents.ts';
import type { Found } from './walk.ts';

const MODES = { file: 0o100_644, program: 0o100_755, symlink: 0o120_777, folder: 0o40_755 };
/** What a ZIP file can say, and yazl writes without an error: 1970 to 2107. */
const LATEST_MS = Date.UTC(2107, 0, 1);
/** What is read, and held, of small files at once; a larger one is a batch of its own. */
const BATCH = { bytes: 4 * 1024 * 1024, count: 500 };

/**
 * A ZIP file, made while it is read, as fast as somebody takes it. Nothing in it is compressed: most large files are
 * already, and the server has others to serve. When anything fails, it breaks off, and shows as broken.
 * @param root the name of the folder in it that everything is in.
 */
export function zipOf(root: string, entries: AsyncIterable<Found>, contents: ContentReader): Readable {
	const zip = new ZipFile();
	const output = zip.outputStream as PassThrough;
	const fail = (error: Error) => void output.destroy(error);
	zip.on('error', fail);
	fill(zip, output, { root, entries, contents }).catch(fail);
	return output;
}

interface Filling {
	readonly root: string;
	readonly entries: AsyncIterable<Found>;
	readonly contents: ContentReader;
}

/** Nothing is added before there is room for it: yazl would hold it. */
async function fill(zip: ZipFile, output: PassThrough, { root, entries, contents }: Filling): Promise<void> {
	const pathOf = ({ below }: Found) => zipPath(`${root}/${below}`);
	zip.addEmptyDirectory(zipPath(root), { mode: MODES.folder });
	for await (const batch of inBatches(entries, sizeOf, BATCH)) {
		const [first] = batch;
		if (first!.node.kind === 'file' && sizeOf(first!) > BATCH.bytes) {
			const bytes = Readable.from(contents.large(first!.node.content), { objectMode: false });
			zip.addReadStream(bytes, pathOf(first!), { ...optionsOf(first!), size: first!.node.size });
			await finished(bytes);
			continue;
		}
		const files = await contents.small(batch.flatMap(({ node }) => (node.kind === 'file' ? [node.content] : [])));
		for (const found of batch) {
			const { node, isEmpty } = found;
			if (node.kind === 'file') zip.addBuffer(files.get(node.content)!, pathOf(found), optionsOf(found));
			else if (node.kind === 'symlink') zip.addBuffer(Buffer.from(node.target), pathOf(found), optionsOf(found));
			else if (isEmpty) zip.addEmptyDirectory(pathOf(found), { mode: MODES.folder });
		}
		if (output.writableNeedDrain) await once(output, 'drain');
	}
	zip.end();
}

const sizeOf = ({ node }: Found): number => (node.kind === 'file' ? node.size : 0);

function optionsOf({ node }: Found): { mtime: Date; mode: number; compress: false } {
	const mtime = node.kind === 'folder' ? 0 : Number(BigInt(node.mtime) / 1_000_000n);
	const isProgram = node.kind === 'file' && node.exec;
	return {
		mtime: new Date(Math.max(0, Math.min(LATEST_MS, mtime))),
		mode: isProgram ? MODES.program : MODES[node.kind],
		compress: false,
	};
}

/** A backslash would be taken for a slash, and `c:` for a disk. */
const zipPath = (path: string): string => path.replaceAll('\\', '＼').replace(/^([a-z]):/i, '$1：');

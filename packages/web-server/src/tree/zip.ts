import type { PassThrough, Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import type { Found } from './walk.ts';

const MODES = { file: 0o100_644, program: 0o100_755, symlink: 0o120_777, folder: 0o40_755 };
/** What a ZIP file can say, and yazl writes without an error: 1970 to 2107. */
const LATEST_MS = Date.UTC(2107, 0, 1);

export interface ZipOptions {
	/** Name of the folder in it that everything is in. */
	readonly root: string;
	/** A file's bytes. */
	readonly open: (file: Found) => Promise<Readable>;
}

/**
 * A ZIP file, made while it is read: one file after the other, as fast as somebody takes them. They are not compressed: most
 * large ones are already, and the server has others to serve. When anything fails, it breaks off, and shows as broken.
 */
export function zipOf(entries: AsyncIterable<Found>, { root, open }: ZipOptions): Readable {
	const zip = new ZipFile();
	const output = zip.outputStream as PassThrough;
	const fail = (error: Error) => void output.destroy(error);
	zip.on('error', fail);
	const pathOf = ({ below }: Found) => zipPath(`${root}/${below}`);
	const fill = async () => {
		zip.addEmptyDirectory(zipPath(root), { mode: MODES.folder });
		for await (const found of entries) {
			const { node } = found;
			if (node.kind === 'folder') {
				if (found.isEmpty) zip.addEmptyDirectory(pathOf(found), { mode: MODES.folder });
				continue;
			}
			const mtime = timeOf(node.mtime);
			if (node.kind === 'symlink') {
				zip.addBuffer(Buffer.from(node.target), pathOf(found), { mtime, mode: MODES.symlink, compress: false });
				continue;
			}
			const bytes = await open(found);
			const mode = node.exec ? MODES.program : MODES.file;
			zip.addReadStream(bytes, pathOf(found), { mtime, mode, compress: false, size: node.size });
			// The next one is not asked for before.
			await finished(bytes);
		}
		zip.end();
	};
	fill().catch(fail);
	return output;
}

const timeOf = (nanoseconds: string): Date =>
	new Date(Math.max(0, Math.min(LATEST_MS, Number(BigInt(nanoseconds) / 1_000_000n))));

/** A backslash would be taken for a slash. */
const zipPath = (path: string): string => path.replaceAll('\\', '＼');

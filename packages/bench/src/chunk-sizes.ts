import { execFileSync } from 'node:child_process';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { blockHash, CHUNKER, Chunker, type ChunkerParameters } from '@mydropbox/protocol/content';

const KIB = 1024;
/** Between min and avg, and between avg and max: FastCDC's own ratio. */
const RATIO = 4;
const CANDIDATES = [128, 256, 512, 1024, 2048];
/** Bytes of the index row and the frame of a block: hash, segment, offset, length, keys. */
const BYTES_PER_BLOCK = 150;

/** Every edit is one that people's programs make to large files. */
const EDITS: Record<string, (file: Buffer, at: number) => Buffer> = {
	overwrite: (file, at) => Buffer.concat([file.subarray(0, at), Buffer.from('edited here'), file.subarray(at + 11)]),
	insert: (file, at) => Buffer.concat([file.subarray(0, at), Buffer.from('inserted'), file.subarray(at)]),
	delete: (file, at) => Buffer.concat([file.subarray(0, at), file.subarray(at + 1000)]),
};

function blocksOf(file: Buffer, parameters: ChunkerParameters): { hash: string; size: number }[] {
	const chunker = new Chunker(parameters);
	const blocks: { hash: string; size: number }[] = [];
	for (let from = 0; from < file.length; ) {
		const cut = chunker.next(file, from, file.length);
		const to = cut === -1 ? file.length : cut;
		blocks.push({ hash: blockHash(file.subarray(from, to)), size: to - from });
		from = to;
	}
	return blocks;
}

/** Large real files of this machine: programs, archives, databases, text. */
function corpus(): { name: string; bytes: Buffer }[] {
	const found = [
		'/usr/bin',
		'/usr/lib/x86_64-linux-gnu',
		'/var/lib/dpkg',
		'/var/lib/apt/lists',
		'/var/cache/apt/archives',
	]
		.flatMap((folder) => safeList(folder).map((name) => join(folder, name)))
		.filter((path) => lstatSync(path).isFile() && lstatSync(path).size > 4_000_000)
		.slice(0, 40);
	const texts = execFileSync('tar', ['-cf', '-', '-C', '/usr', 'include'], { maxBuffer: 1e9 });
	return [...found.map((name) => ({ name, bytes: readFileSync(name) })), { name: 'tar of /usr/include', bytes: texts }];
}

function safeList(folder: string): string[] {
	try {
		return readdirSync(folder);
	} catch {
		return [];
	}
}

/** What an edit costs to send, and what the blocks cost to keep, per average block size. */
export function chunkSizes(): void {
	const files = corpus();
	const total = files.reduce((sum, { bytes }) => sum + bytes.length, 0);
	console.log(
		`Corpus: ${files.length} files, ${Math.round(total / 1e6)} MB; each edited once in each of ${Object.keys(EDITS).length} ways.\n`,
	);
	console.log('| avg KiB | blocks | index bytes, share of data | bytes sent per edit, mean | blocks sent per edit |');
	console.log('| ---: | ---: | ---: | ---: | ---: |');
	for (const avg of CANDIDATES) {
		const parameters = { id: CHUNKER.id, min: (avg * KIB) / RATIO, avg: avg * KIB, max: avg * KIB * RATIO };
		let count = 0;
		let sent = 0;
		let sentBlocks = 0;
		for (const { bytes } of files) {
			const before = blocksOf(bytes, parameters);
			const known = new Set(before.map(({ hash }) => hash));
			count += before.length;
			for (const edit of Object.values(EDITS)) {
				const fresh = blocksOf(edit(bytes, Math.floor(bytes.length * 0.61)), parameters).filter(
					({ hash }) => !known.has(hash),
				);
				sent += fresh.reduce((sum, { size }) => sum + size, 0);
				sentBlocks += fresh.length;
			}
		}
		const edits = files.length * Object.keys(EDITS).length;
		const share = ((count * BYTES_PER_BLOCK) / total) * 100;
		console.log(
			`| ${avg} | ${count} | ${share.toFixed(3)} % | ${Math.round(sent / edits / KIB)} KiB | ${(sentBlocks / edits).toFixed(2)} |`,
		);
	}
}

import type { CutResult } from './cut.ts';
import type { JobArgs, JobName, JobResult } from './index.ts';

/** Memory that a job is given for good, and goes to its thread without being copied. */
export function givenToJob(name: JobName, args: readonly unknown[]): ArrayBuffer[] {
	if (name === 'cutFile') return memoryOf([(args as JobArgs<'cutFile'>)[2]]);
	if (name !== 'stage') return [];
	const bytes = (args as JobArgs<'stage'>)[1].flatMap((piece) => piece.bytes ?? []);
	// A part of larger memory is copied: the rest may be somebody else's.
	return memoryOf(bytes.filter(({ length, buffer }) => length === buffer.byteLength));
}

/** The same on the way back. */
export function givenByJob(name: JobName, result: unknown): ArrayBuffer[] {
	if (name === 'readFiles')
		return memoryOf((result as JobResult<'readFiles'>).flatMap((file) => ('bytes' in file ? (file.bytes ?? []) : [])));
	if (name === 'readBlocks')
		return memoryOf((result as JobResult<'readBlocks'>).flat().filter((bytes) => bytes !== null));
	if (name === 'cutFile' && 'blocks' in (result as CutResult))
		return memoryOf(
			(result as CutResult & { error?: undefined; changed?: undefined }).blocks.map(({ bytes }) => bytes),
		);
	return [];
}

const memoryOf = (views: readonly Uint8Array[]): ArrayBuffer[] => [
	...new Set(views.map(({ buffer }) => buffer as ArrayBuffer)),
];

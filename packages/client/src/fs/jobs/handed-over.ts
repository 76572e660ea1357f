import type { CutResult } from './cut.ts';
import type { JobArgs, JobName, JobResult } from './index.ts';

/** Memory that a job is given for good, and goes to its thread without being copied. */
export function givenToJob(name: JobName, args: readonly unknown[]): ArrayBuffer[] {
	if (name === 'cutFile') return memoryOf([(args as JobArgs<'cutFile'>)[2]]);
	if (name === 'hashBlocks') return memoryOf([(args as JobArgs<'hashBlocks'>)[0]]);
	if (name !== 'stage') return [];
	const bytes = (args as JobArgs<'stage'>)[1].flatMap((piece) => piece.bytes ?? []);
	// A part of larger memory is copied: the rest may be somebody else's.
	return memoryOf(bytes.filter(({ length, buffer }) => length === buffer.byteLength));
}

/** The same on the way back. */
export function givenByJob(name: JobName, result: unknown): ArrayBuffer[] {
	if (name === 'readBlocks')
		return memoryOf((result as JobResult<'readBlocks'>).flat().filter((bytes) => bytes !== null));
	if (name === 'hashBlocks') return memoryOf((result as JobResult<'hashBlocks'>).map(({ bytes }) => bytes));
	if (name !== 'cutFile') return [];
	const part = result as CutResult;
	return 'memory' in part ? memoryOf([part.memory]) : [];
}

const memoryOf = (views: readonly Uint8Array[]): ArrayBuffer[] => [
	...new Set(views.map(({ buffer }) => buffer as ArrayBuffer)),
];

import type { Content, Epoch, Mtime, Name, NodeId, NodeState, Operation, OperationResult } from '@mydropbox/protocol';
import type { NameClash } from '@mydropbox/protocol/web';
import type { Access } from './access.ts';
import { commit, newNodeId } from './commit.ts';
import { copyName } from './copy-name.ts';
import { refused } from './refused.ts';

/** A file whose blocks the data server has. */
export interface NewFile {
	readonly name: Name;
	readonly content: Content;
	readonly mtime: Mtime;
}

export interface Place {
	readonly epoch: Epoch;
	readonly folder: NodeId;
	readonly clash: NameClash;
}

/** Names up to "a (1000)"; who has more copies of one name wants another one. */
const ROUNDS = 1000;

interface Attempt {
	readonly file: NewFile;
	readonly operation: Extract<Operation, { op: 'put' }>;
	/** The number in the name that was tried; 1 is the plain name. */
	readonly number: number;
}
type Step = { readonly placed: NodeState } | { readonly again: Attempt } | { readonly refusal: Error };

/**
 * Gives files their names in a folder: all in one commit, then those again whose names were taken.
 * Results are in the order of the files.
 * @throws ApiError when one cannot be placed; its message says how many others were.
 */
export async function placeFiles(access: Access, place: Place, files: readonly NewFile[]): Promise<NodeState[]> {
	const placed = new Map<NewFile, NodeState>();
	const refusals: Error[] = [];
	let attempts = files.map((file) => create(file, place.folder, 1));
	for (let round = 0; attempts.length > 0 && round < ROUNDS; round++) {
		const operations = attempts.map(({ operation }) => operation);
		const results = await commit(access, place.epoch, operations);
		const again: Attempt[] = [];
		for (const [index, attempt] of attempts.entries()) {
			const step = judge(attempt, results[index]!, place);
			if ('placed' in step) placed.set(attempt.file, step.placed);
			else if ('again' in step) again.push(step.again);
			else refusals.push(step.refusal);
		}
		attempts = again;
	}
	for (const { file } of attempts) refusals.push(refused('name-taken', notStored(file)));
	if (refusals[0]) {
		if (placed.size > 0) refusals[0].message += ` ${placed.size} of the ${files.length} files were stored.`;
		throw refusals[0];
	}
	return files.map((file) => placed.get(file)!);
}

function judge(attempt: Attempt, result: OperationResult, { folder, clash }: Place): Step {
	const { file, operation, number } = attempt;
	if (result.ok) {
		const { id, parent, name } = operation;
		return { placed: { ...operation.version, id, parent, name, rev: result.rev } };
	}
	const there = result.node?.kind === 'file' ? result.node : undefined;
	if (result.code === 'name-taken') {
		// Sent twice, or on the way from a device too.
		if (there?.content === file.content.hash) return { placed: there };
		if (clash === 'replace' && there) return { again: replace(file, there) };
		if (clash === 'keep-both') return { again: create(file, folder, number + 1) };
	}
	if (result.code === 'stale' && clash === 'replace') {
		// What was to be replaced changed meanwhile, or is gone.
		return { again: there ? replace(file, there) : create(file, folder, 1) };
	}
	return { refusal: refused(result.code, notStored(file)) };
}

function create(file: NewFile, parent: NodeId, number: number): Attempt {
	const name = number === 1 ? file.name : copyName(file.name, number);
	return { file, number, operation: put(file, { id: newNodeId(), base: 0, parent, name, exec: false }) };
}

const replace = (file: NewFile, { id, rev, parent, name, exec }: NodeState & { kind: 'file' }): Attempt => ({
	file,
	number: 1,
	operation: put(file, { id, base: rev, parent, name, exec }),
});

function put(
	{ content, mtime }: NewFile,
	{ exec, base, ...where }: { id: NodeId; base: number; parent: NodeId; name: Name; exec: boolean },
): Attempt['operation'] {
	const version = { kind: 'file', content: content.hash, size: content.size, mtime, exec } as const;
	return { op: 'put', ...where, base: base as Attempt['operation']['base'], version, content };
}

const notStored = (file: NewFile): string => `“${file.name}” was not stored`;

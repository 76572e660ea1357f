import type { CommitRequest, CommitResponse, NodeId, Operation } from '@mydropbox/protocol';
import { Commits } from '../src/commits.ts';
import { Ledger, type VersionKey } from '../src/ledger.ts';

let ledger: Ledger;
let found: string[];
let commits: Commits;
let keys = 0;
beforeEach(() => {
	ledger = new Ledger();
	found = [];
	commits = new Commits({
		ledger,
		violated: (invariant) => void found.push(invariant),
		isUnknown: () => false,
		mayForget: () => false,
		asksFrom: undefined,
		hasConfirmed: () => false,
	});
	for (const version of ['first', 'second']) ledger.wrote(version as VersionKey, 'd1', 0, false);
});

const COPY = 'C (conflicted copy, d2, 2026-11-21)';
const node = 'a'.repeat(32) as NodeId;
const put = (name: string, content: string): object => ({
	...{ op: 'put', id: node, parent: 'root', name },
	version: { kind: 'file', content },
});
const remove = { op: 'delete', id: node };
function accepted(device: string, ...operations: object[]): void {
	const request = { key: `key ${keys++}`, operations: operations as Operation[] };
	const results = operations.map(() => ({ ok: true }));
	commits.answered(device, request as CommitRequest, { results } as unknown as CommitResponse);
}

test('S6: what a device brings as its conflicted copy is something that its user wrote or moved', () => {
	accepted('d2', put(COPY, 'first'));
	expect(found).toEqual(['S6']);
});

test('S6: a node that comes back may have a name that its user gave it in an earlier version, and that was taken', () => {
	accepted('d1', put('c', 'first'));
	ledger.touched('first' as VersionKey, 'd2');
	accepted('d1', put('c', 'second'));
	ledger.removed('second' as VersionKey, 'd1');
	accepted('d1', remove);
	accepted('d2', put(COPY, 'second'));
	expect(found).toEqual([]);
	accepted('d1', remove);
	accepted('d3', put(COPY.replace('d2', 'd3'), 'second'));
	expect(found).toEqual(['S6']);
});

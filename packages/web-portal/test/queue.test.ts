import { type Upload, UploadQueue } from '../src/uploads/queue.ts';
import type { Sending } from '../src/uploads/send-file.ts';

/** A line whose uploads end when the test says so. */
function scriptedLine() {
	const underWay = new Map<string, { sending: Sending; end: () => void; fail: (reason: unknown) => void }>();
	const ended: string[] = [];
	const queue = new UploadQueue({
		send: (sending) =>
			new Promise((resolve, reject) => {
				underWay.set(sending.file.name, { sending, end: resolve, fail: reject });
				sending.signal.addEventListener('abort', () => reject(sending.signal.reason));
			}),
		onEnd: ({ file, state }) => ended.push(`${file.name} ${state}`),
	});
	const states = () => queue.snapshot().map(({ file, state }: Upload) => `${file.name} ${state}`);
	return { queue, underWay, ended, states };
}

const files = (...names: string[]) => names.map((name) => ({ folder: '/', file: new File(['12345'], name) }));
const settled = () => new Promise(setImmediate);

test('sends two at once, in order, and then the next', async () => {
	const { queue, underWay, states, ended } = scriptedLine();
	queue.add(files('a', 'b', 'c'), 'keep-both');
	expect(states()).toEqual(['a sending', 'b sending', 'c waiting']);
	underWay.get('a')?.end();
	await settled();
	expect(states()).toEqual(['a done', 'b sending', 'c sending']);
	expect(ended).toEqual(['a done']);
});

test('one that fails does not stop the others, and can be tried again', async () => {
	const { queue, underWay, states } = scriptedLine();
	queue.add(files('a', 'b', 'c'), 'replace');
	underWay.get('a')?.fail(new Error('the line broke'));
	await settled();
	expect(states()).toEqual(['a failed', 'b sending', 'c sending']);
	const failed = queue.snapshot()[0]!;
	expect(failed.problem).toEqual(new Error('the line broke'));
	queue.retry(failed.id);
	underWay.get('b')?.end();
	await settled();
	expect(states()).toEqual(['a sending', 'b done', 'c sending']);
	expect(underWay.get('a')?.sending.clash).toBe('replace');
});

test('tells how far each has come, in a new list each time', () => {
	const { queue, underWay } = scriptedLine();
	queue.add(files('a'), 'keep-both');
	const before = queue.snapshot();
	underWay.get('a')?.sending.onProgress(3);
	expect(queue.snapshot()).not.toBe(before);
	expect(queue.snapshot()[0]?.sent).toBe(3);
	expect(before[0]?.sent).toBe(0);
});

test('cancelling ends the upload and makes room', async () => {
	const { queue, underWay, states, ended } = scriptedLine();
	queue.add(files('a', 'b', 'c'), 'keep-both');
	queue.remove(queue.snapshot()[0]!.id);
	await settled();
	expect(underWay.get('a')?.sending.signal.aborted).toBe(true);
	expect(states()).toEqual(['b sending', 'c sending']);
	queue.removeAll();
	await settled();
	expect(queue.snapshot()).toEqual([]);
	expect(ended).toEqual([]);
});

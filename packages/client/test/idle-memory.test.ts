import { jest } from '@jest/globals';
import { type Heap, IdleMemory } from '../src/idle-memory.ts';

const MB = 1024 * 1024;

class FakeHeap implements Heap {
	mb = 100;
	shrunk = 0;
	bytes(): number {
		return this.mb * MB;
	}
	shrink(): void {
		this.shrunk++;
		this.mb = 40;
	}
}

describe('The memory of a thread that has nothing to do', () => {
	let heap: FakeHeap;
	let memory: IdleMemory;
	beforeEach(() => {
		jest.useFakeTimers();
		heap = new FakeHeap();
		memory = new IdleMemory(heap);
	});
	afterEach(() => jest.useRealTimers());

	test('is given back once the work is done, and not while it goes on', () => {
		for (let second = 0; second < 60; second++) {
			jest.advanceTimersByTime(1000);
			memory.working();
		}
		expect(heap.shrunk).toBe(0);
		jest.advanceTimersByTime(10_000);
		expect(heap.shrunk).toBe(1);
	});

	test('is left alone until more of it is used again', () => {
		jest.advanceTimersByTime(10_000);
		memory.working();
		heap.mb += 7;
		jest.advanceTimersByTime(10_000);
		expect(heap.shrunk).toBe(1);
		memory.working();
		heap.mb += 1;
		jest.advanceTimersByTime(10_000);
		expect(heap.shrunk).toBe(2);
	});
});

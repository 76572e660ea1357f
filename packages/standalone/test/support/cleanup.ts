/** What a test started, in the order in which it has to end: last come, first gone. */
const pending: Array<() => Promise<unknown> | unknown> = [];

/** Whatever happens to the test, this is done after it. */
export function afterwards(clean: () => Promise<unknown> | unknown): void {
	pending.push(clean);
}

/** For an `afterAll` or `afterEach`. */
export async function cleanUp(): Promise<void> {
	for (let clean = pending.pop(); clean; clean = pending.pop()) await clean();
}

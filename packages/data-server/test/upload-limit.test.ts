import type { UserId } from '@mydropbox/protocol';
import { UploadLimit } from '../src/blocks/upload-limit.ts';

const owner = 'ann' as UserId;

test('an upload that arrives while another one asks how much has arrived is counted', async () => {
	const { promise: answer, resolve } = Promise.withResolvers<number>();
	const answers = [Promise.resolve(0), answer];
	const limit = new UploadLimit({ uncommitted: () => answers.shift() as Promise<number> });
	const first = limit.begin(owner, 10);
	await first.take(8);
	const second = limit.begin(owner, 10).take(8);
	first.end();
	// What the database said before the first one arrived.
	resolve(0);
	await expect(second).rejects.toMatchObject({ code: 'quota-exceeded' });
});

import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { WholeDiskSync } from '../src/fs/whole-disk-sync.ts';
import { TestFolder } from './support/folder.ts';

let at: TestFolder;
beforeEach(() => {
	at = new TestFolder();
});
afterEach(() => at.remove());

/** Notes each sync, and does in it what the text of `deed` says. */
function fakeSync(): WholeDiskSync {
	const program = at.path('sync');
	writeFileSync(program, `#!/bin/sh\necho "$*" >> '${at.path('log')}'\n. '${at.path('deed')}'\n`);
	chmodSync(program, 0o755);
	writeFileSync(at.path('deed'), '');
	return new WholeDiskSync(at.folder, program);
}
const syncs = (): string[] =>
	existsSync(at.path('log')) ? readFileSync(at.path('log'), 'utf8').split('\n').slice(0, -1) : [];
const from = (deed: string) => writeFileSync(at.path('deed'), deed);

test('syncs the disk of its path, as the system can', async () => {
	await new WholeDiskSync(at.folder).run();
	await expect(new WholeDiskSync(at.path('nowhere')).run()).rejects.toMatchObject({ code: 'ENOSYS' });
});

test('S8: who asks while a sync is under way gets the next one, together with all others who wait for it', async () => {
	const sync = fakeSync();
	await sync.run();
	from(`until [ -e '${at.path('go')}' ]; do :; done`);
	let isDone = false;
	const first = sync.run();
	await untilSyncs(2);
	const others = [sync.run(), sync.run()].map((run) => run.then(() => expect(isDone).toBe(true)));
	void first.then(() => {
		isDone = true;
	});
	writeFileSync(at.path('go'), '');
	await Promise.all([first, ...others]);
	expect(syncs()).toEqual(Array(3).fill(`-f ${at.folder}`));
});

test('says when it cannot, or when its shell has been ended, and tries again when it is asked again', async () => {
	const sync = fakeSync();
	for (const deed of ['exit 1', 'kill -9 $PPID; exit 0']) {
		from(deed);
		await expect(sync.run()).rejects.toMatchObject({ code: 'ENOSYS' });
		from('');
		await sync.run();
	}
	rmSync(at.path('sync'));
	await expect(sync.run()).rejects.toMatchObject({ code: 'ENOSYS' });
});

async function untilSyncs(count: number): Promise<void> {
	while (syncs().length < count) await new Promise((resolve) => setImmediate(resolve));
}

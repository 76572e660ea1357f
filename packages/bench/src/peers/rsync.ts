import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findVersion } from './find-version.ts';
import { listening } from './listening.ts';
import type { Installation, Peer, Site } from './peer.ts';

const PORT = 8730;

export const rsync: Peer = {
	name: 'rsync',
	settings: 'daemon on the server; `rsync -a --delete` pushes from A, then pulls on B (no fsync, no history)',
	carries: { times: true, executables: true },
	ownNames: [],
	version: () => findVersion('rsync', ['--version']),
	open: async ({ network: { a, server, b }, folderA, folderB, store, home }: Site): Promise<Installation> => {
		const config = join(home, 'rsyncd.conf');
		// As the user who runs the benchmark; without these lines root's daemon would become nobody.
		const identity = process.getuid?.() === 0 ? 'uid = root\ngid = root\n' : '';
		writeFileSync(config, `use chroot = no\n${identity}[box]\npath = ${store}\nread only = no\n`);
		const daemon = server.start('rsync', ['--daemon', '--no-detach', `--port=${PORT}`, `--config=${config}`]);
		await listening(daemon, server.address, PORT);
		const box = `rsync://${server.address}:${PORT}/box/`;
		const carry = async () => {
			await a.run('rsync', ['-a', '--delete', `${folderA}/`, box]);
			await b.run('rsync', ['-a', '--delete', box, `${folderB}/`]);
		};
		return { isContinuous: false, carry, recheck: carry, quiet: async () => {}, close: () => daemon.stop() };
	},
};

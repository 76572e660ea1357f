import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findVersion } from './find-version.ts';
import { listening } from './listening.ts';
import type { Installation, Peer, Site } from './peer.ts';

const PORT = 8750;
const OPTIONS = ['--links', '--create-empty-src-dirs', '--transfers=16', '--checkers=16'];

export const rclone: Peer = {
	name: 'rclone',
	settings:
		'`rclone serve webdav` on the server; `rclone sync --transfers 16 --checkers 16 --links` from A, then to B. WebDAV keeps neither times nor exec bits, so none are asked of it, and it compares sizes',
	carries: { times: false, executables: false },
	ownNames: [],
	version: () => findVersion('rclone', ['version']),
	open: async ({ network: { a, server, b }, folderA, folderB, store, home }: Site): Promise<Installation> => {
		const config = join(home, 'rclone.conf');
		const address = `${server.address}:${PORT}`;
		writeFileSync(config, `[box]\ntype = webdav\nurl = http://${address}\nvendor = other\n`);
		const rclone = ['--config', config, `--cache-dir=${join(home, 'cache')}`];
		const serve = ['serve', 'webdav', store, `--addr=${address}`, ...rclone];
		const daemon = server.start('rclone', serve);
		await listening(daemon, server.address, PORT);
		const carry = async () => {
			await a.run('rclone', ['sync', folderA, 'box:', ...OPTIONS, ...rclone]);
			await b.run('rclone', ['sync', 'box:', folderB, ...OPTIONS, ...rclone]);
		};
		return { isContinuous: false, carry, recheck: carry, quiet: async () => {}, close: () => daemon.stop() };
	},
};

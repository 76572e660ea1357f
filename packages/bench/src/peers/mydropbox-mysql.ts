import { startMariaDb } from '@mydropbox/testkit';
import { findVersion } from './find-version.ts';
import { mydropbox, open } from './mydropbox.ts';
import type { Peer } from './peer.ts';

export const mydropboxMysql: Peer = {
	...mydropbox,
	name: 'MyDropbox on MySQL',
	settings: 'the same with `--database mysql://…`: MariaDB on the server, durable at each commit',
	workloads: ['w1'],
	version: () => findVersion('/usr/sbin/mariadbd', ['--version']),
	open: async (site) => {
		const database = await startMariaDb({ durable: true });
		try {
			const installation = await open(site, database.url('bench'));
			const close = async () => {
				await installation.close();
				await database.stop();
			};
			return { ...installation, close };
		} catch (error) {
			await database.stop();
			throw error;
		}
	},
};

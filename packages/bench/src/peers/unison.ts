import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { findVersion } from './find-version.ts';
import { listening } from './listening.ts';
import type { Installation, Peer, Site } from './peer.ts';

const PORT = 8740;
/** Not asking anybody; a change on the side where the run begins is what is meant. */
const OPTIONS = ['-batch', '-auto', '-confirmbigdel=false', '-times', '-silent', '-ui', 'text'];

export const unison: Peer = {
	name: 'Unison',
	settings: '`unison -socket` on the server; A with the server, then B with the server (`-batch -auto -times`)',
	carries: { times: true, executables: true },
	ownNames: [],
	version: () => findVersion('unison', ['-version']),
	open: async ({ network: { a, server, b }, folderA, folderB, store, home }: Site): Promise<Installation> => {
		// Each machine has its own archives.
		const own = (name: string) => {
			mkdirSync(join(home, name));
			return { env: { UNISON: join(home, name), HOME: join(home, name) } };
		};
		const [homeA, homeServer, homeB] = [own('a'), own('server'), own('b')];
		const daemon = server.start('unison', ['-socket', String(PORT)], homeServer);
		await listening(daemon, server.address, PORT);
		const root = `socket://${server.address}:${PORT}/${store}`;
		const carry = async () => {
			await a.run('unison', [folderA, root, ...OPTIONS], homeA);
			await b.run('unison', [folderB, root, ...OPTIONS], homeB);
		};
		// The archives of both roots are made while the folders are empty, as on the first day.
		await carry();
		return { isContinuous: false, carry, recheck: carry, quiet: async () => {}, close: () => daemon.stop() };
	},
};

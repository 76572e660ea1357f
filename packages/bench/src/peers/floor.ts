import type { Installation, Peer, Site } from './peer.ts';

/** What the disk alone takes: nobody who writes everything twice, durably, is faster. */
export const floor: Peer = {
	name: 'floor',
	settings: '`cp -a` and `sync --file-system` from A to the server’s folder, and again to B; rescan: `find -ls`',
	carries: { times: true, executables: true },
	ownNames: [],
	workloads: ['w1', 'w2', 'w5', 'w7', 'w8-1k', 'w8-10k', 'w8-100k', 'w5b'],
	version: () => 'GNU coreutils',
	open: async ({ network: { server }, folderA, folderB, store }: Site): Promise<Installation> => {
		const copy = async (from: string, to: string) => {
			await server.run('cp', ['-a', `${from}/.`, to]);
			await server.run('sync', ['--file-system', to]);
		};
		return {
			isContinuous: false,
			carry: async () => {
				await copy(folderA, store);
				await copy(store, folderB);
			},
			recheck: async () => {
				await server.run('sh', ['-c', 'find "$0" -ls > /dev/null', folderA]);
			},
			quiet: async () => {},
			close: async () => {},
		};
	},
};

import { grantAccess } from '@mydropbox/central';
import { ApiError } from '@mydropbox/protocol';
import type { Session } from '../auth/signed-in.ts';
import type { WebContext } from '../context.ts';
import { Access } from './access.ts';

/** The files of whoever is signed in. */
export const openFiles = ({ central }: WebContext, { device }: Session): Access =>
	new Access(async () => {
		for (const { dataServer, token, namespaces } of await grantAccess(central, device)) {
			const root = namespaces.find(({ kind }) => kind === 'root');
			if (root) return { namespace: root.id, url: dataServer.internalUrl, token };
		}
		throw new ApiError('not-found', 'This account has no files any more.');
	});

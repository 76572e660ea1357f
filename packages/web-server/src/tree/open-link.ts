import { grantBelow, type Link } from '@mydropbox/central';
import type { WebContext } from '../context.ts';
import { Access } from './access.ts';

/** What a link leads to; its paths begin there. */
export const openLink = ({ central }: WebContext, link: Link): Access =>
	new Access(async () => {
		const { dataServer, token } = await grantBelow(central, link);
		return { namespace: link.namespace, url: dataServer.internalUrl, token };
	});

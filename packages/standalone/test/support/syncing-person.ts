import type { Content, NodeId } from '@mydropbox/protocol';
import { blockHash, contentOf } from '@mydropbox/protocol/content';
import { DataApi, RouteApi } from '@mydropbox/remote';
import type { Person, Product } from './product.ts';

/** A person with one file, and everything that their device and their browser know. */
export interface SyncingPerson extends Person {
	readonly user: string;
	readonly device: string;
	readonly refreshToken: string;
	readonly accessToken: string;
	readonly dataServer: string;
	readonly dataUrl: string;
	readonly namespace: string;
	readonly epoch: string;
	readonly file: { readonly id: NodeId; readonly name: string; readonly rev: number; readonly content: Content };
	readonly blocks: readonly string[];
	/** That leads to the file. */
	readonly link: string;
}

export async function signUpWithFile(product: Product, username: string, text: string): Promise<SyncingPerson> {
	const person = await product.signUp(username);
	const name = `${username}.txt`;
	const form = new FormData();
	form.append('file', new Blob([text]), name);
	const headers = { authorization: `Bearer ${person.token}` };
	const stored = await fetch(`${product.site}/api/v1/files?path=/`, { method: 'POST', headers, body: form });
	if (stored.status !== 201) throw new Error(`The upload was answered with ${stored.status}: ${await stored.text()}`);

	const route = new RouteApi(product.routeUrl);
	const device = await route.signIn({ username, password: person.password, device: `laptop of ${username}` });
	const { grants } = await route.tokens(device.refreshToken);
	const [grant] = grants;
	const namespace = grant!.namespaces[0]!.id;
	const { epoch, node } = await new DataApi(grant!.url, { token: grant!.token }).listing({
		namespace,
		path: `/${name}`,
	});
	const bytes = Buffer.from(text);
	const content = contentOf([{ hash: blockHash(bytes), size: bytes.length }]);
	const shared = await product.api('POST', '/links', { token: person.token, body: { path: `/${name}` } });
	const { link } = (await shared.json()) as { link: { id: string } };
	return {
		...person,
		link: link.id,
		user: device.user,
		device: device.device,
		refreshToken: device.refreshToken,
		accessToken: grant!.token,
		dataServer: grant!.dataServer,
		dataUrl: grant!.url,
		namespace,
		epoch,
		file: { id: node!.id, name, rev: node!.rev, content },
		blocks: content.blocks.map(({ hash }) => hash),
	};
}

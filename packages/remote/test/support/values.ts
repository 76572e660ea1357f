import type { NamespaceId, TokenGrant } from '@mydropbox/protocol';
import { blockHash, type FramedBlock } from '@mydropbox/protocol/content';

export const NAMESPACE = '11'.repeat(16) as NamespaceId;

export const block = (text: string): FramedBlock => {
	const bytes = Buffer.from(text);
	return { hash: blockHash(bytes), bytes };
};

export const grant = (url: string, token: string, expiresIn = 900): TokenGrant =>
	({
		dataServer: 'data1',
		url,
		token,
		expiresIn,
		available: true,
		namespaces: [{ id: NAMESPACE, kind: 'root', rights: 'write' }],
	}) as TokenGrant;

export async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
	const all: T[] = [];
	for await (const item of source) all.push(item);
	return all;
}

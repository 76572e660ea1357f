import type { NamespaceId } from '@mydropbox/protocol';
import { createAgent, DataApi, RouteApi, type SyncServer, withRetry } from '@mydropbox/remote';

export interface Account {
	readonly username: string;
	readonly password: string;
}

export interface Accounts {
	/** Where one signs up. */
	readonly site: string;
	/** What the names of new users begin with. */
	readonly prefix: string;
	readonly newUsers: number;
	readonly devicesEach: number;
	/** A user who has devices of another kind already, and how many more to sign in. */
	readonly known: Account & { readonly devices: number };
}

/** A device that is signed in, and what it may do for as long as its first token is good: a quarter of an hour. */
export interface SignedIn {
	readonly username: string;
	readonly device: string;
	readonly namespace: NamespaceId;
	readonly api: SyncServer;
}

/** One after the other: each sign-in costs the server a slow hash of the password. */
export async function signInAll({ site, prefix, newUsers, devicesEach, known }: Accounts): Promise<SignedIn[]> {
	const route = new RouteApi((await new RouteApi(site).discover()).routeServer);
	const agent = createAgent();
	const all: SignedIn[] = [];
	const signIn = async ({ username, password }: Account, devices: number) => {
		for (let index = 1; index <= devices; index++) {
			const device = `${username}-${index}`;
			const { refreshToken } = await route.signIn({ username, password, device });
			for (const { url, token, namespaces } of (await route.tokens(refreshToken)).grants) {
				const api = withRetry(new DataApi(url, { token, agent }));
				for (const { id } of namespaces) all.push({ username, device, namespace: id, api });
			}
		}
	};
	for (let index = 1; index <= newUsers; index++) {
		const account = { username: `${prefix}${index}`, password: known.password };
		await route.signUp({ ...account, email: `${account.username}@example.org` });
		await signIn(account, devicesEach);
	}
	await signIn(known, known.devices);
	return all;
}

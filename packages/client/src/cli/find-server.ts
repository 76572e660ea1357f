import { PROTOCOL_VERSION } from '@mydropbox/protocol';
import { type Discovered, RouteApi } from '@mydropbox/remote';
import { UserError } from '../daemon/user-error.ts';

/** @param address the website's or the route-server's, as somebody typed it. */
export async function findServer(address: string): Promise<Discovered> {
	if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) {
		throw new UserError(
			`"${address}" is not the address of a server.`,
			'It looks like this: --server http://localhost:8080',
		);
	}
	const found = await new RouteApi(address).discover();
	checkVersion(found);
	return found;
}

/** Neighbouring versions understand each other. */
export function checkVersion({ protocol }: Pick<Discovered, 'protocol'>): void {
	if (Math.abs(protocol - PROTOCOL_VERSION) <= 1) return;
	const older = protocol < PROTOCOL_VERSION ? 'server' : 'program on this device';
	throw new UserError(
		`The server speaks protocol ${protocol}, this program ${PROTOCOL_VERSION}: they are too far apart.`,
		`Update the ${older}.`,
	);
}

/** Whether what is sent there can be read on the way. */
export function isInTheClear(origin: string): boolean {
	const { protocol, hostname } = new URL(origin);
	return protocol === 'http:' && !/^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}

import { DataApi, Grants, RouteApi } from '@mydropbox/remote';
import { readCredentials } from '../../daemon/config.ts';
import { UserError } from '../../daemon/user-error.ts';
import { checkVersion } from '../find-server.ts';
import { duration } from '../format.ts';
import type { Check, Finding } from './finding.ts';

const WAIT = 'Check the network and whether the server runs; the daemon tries again by itself.';

export const routeServer: Check = ({ config }) =>
	examine('Server', WAIT, async () => {
		const found = await new RouteApi(config.server).discover();
		checkVersion(found);
		return `${config.server} answers, with protocol ${found.protocol}`;
	});

const TOLERABLE_SKEW_SECONDS = 60;

export const clock: Check = ({ config }) =>
	examine('Clock', WAIT, async () => {
		const { time } = await new RouteApi(config.server).discover();
		if (!time) return 'the server does not say what time it is';
		const skew = (Date.now() - time.getTime()) / 1000;
		if (Math.abs(skew) <= TOLERABLE_SKEW_SECONDS) return 'agrees with the server';
		const direction = skew > 0 ? 'ahead of' : 'behind';
		throw new UserError(
			`${duration(Math.abs(skew))} ${direction} the server`,
			'Set the time on this device, best by NTP.',
		);
	});

export const account: Check = ({ home, config }) =>
	examine('Account', 'Sign in again with: mydropbox login', async () => {
		const credentials = readCredentials(home);
		if (!credentials) return 'no credentials';
		const grant = await new Grants(new RouteApi(config.server), credentials.refreshToken).for(config.namespace);
		await new DataApi(grant.url, { token: grant.token }).usage(config.namespace);
		return `signed in; the files are on ${grant.dataServer} (${grant.url})`;
	});

async function examine(what: string, nextStep: string, look: () => Promise<string>): Promise<Finding> {
	try {
		return { what, detail: await look() };
	} catch (error) {
		const { message } = error as Error;
		return { what, detail: message, nextStep: error instanceof UserError ? error.nextStep : nextStep };
	}
}

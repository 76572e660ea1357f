import { DataApi, Grants, RouteApi, SignedOut } from '@mydropbox/remote';
import { bytes } from '../format.ts';
import { ok, problem, warning } from './finding.ts';
import type { Check, SignedIn } from './patient.ts';

/** Of its space, so much is nearly all. */
const NEARLY_FULL = 0.95;

/** Whether the token is still good, the data server answers, and there is space left. */
export const account: Check<SignedIn> = async ({ config, credentials, discovered, command }) => {
	if (!credentials) return ok('not asked: there are no credentials');
	if (!(await discovered().catch(() => undefined))) return ok('not asked: the server does not answer');
	const grants = new Grants(new RouteApi(config.server), credentials.refreshToken);
	try {
		const { url, token, dataServer } = await grants.for(config.namespace);
		const { bytesUsed, quota } = await new DataApi(url, { token }).usage(config.namespace);
		const found = `signed in; the files are on ${dataServer} (${url}), ${bytes(bytesUsed)} of ${bytes(quota)} used`;
		if (bytesUsed < quota * NEARLY_FULL) return ok(found);
		const means = 'What does not fit stays on this device only.';
		return warning(found, means, 'Delete what is not needed, or ask whoever runs the server for more space.');
	} catch (error) {
		const { message } = error as Error;
		if (error instanceof SignedOut) {
			const means = 'Nothing is synced; the folder stays as it is.';
			return problem('this device was signed out', means, `Run: ${command('login')}`);
		}
		const means = 'What is changed here is sent when it works again; nothing is lost.';
		return problem(message, means, 'Check whether all servers run; the daemon tries again by itself.');
	}
};

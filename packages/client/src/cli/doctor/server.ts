import { ServerUnreachable } from '@mydropbox/remote';
import { UserError } from '../../daemon/user-error.ts';
import { checkVersion, isInTheClear } from '../find-server.ts';
import { type Finding, ok, problem, warning } from './finding.ts';
import type { Check, SignedIn } from './patient.ts';

/** Found, understood, and not overheard. */
export const server: Check<SignedIn> = async ({ config: { server }, discovered, outside }) => {
	try {
		const found = await discovered();
		checkVersion(found);
		const says = `${server} answers, with protocol ${found.protocol}`;
		if (!isInTheClear(server)) return ok(says);
		return warning(
			`${says}, and is not encrypted`,
			'Anybody on the way can read what is sent, your sign-in included.',
			'Ask whoever runs it for HTTPS; in a network that you trust it may stay so.',
		);
	} catch (error) {
		if (error instanceof UserError) return problem(error.message, 'Nothing is synced.', error.nextStep);
		return notReached(server, error as Error, outside.env);
	}
};

function notReached(server: string, error: Error, env: Readonly<Record<string, string | undefined>>): Finding {
	const means = 'What is changed here is sent when it is back; nothing is lost.';
	const code = codeOf(error);
	const certificate = CERTIFICATE[code];
	if (certificate) return problem(`${server}: ${certificate[0]} (${code})`, means, certificate[1]);
	const proxy = ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY'].find(
		(name) => env[name],
	);
	const direct = proxy ? ` ${proxy} is set, but MyDropbox connects directly: the way there must be open.` : '';
	const found = error instanceof ServerUnreachable ? `${server} cannot be reached: ${error.reason}` : error.message;
	return problem(
		found,
		means,
		`Check the network, whether the server runs, and what is between: curl -v ${server}/healthz.${direct} The daemon tries again by itself.`,
	);
}

const TRUST = 'Let this device trust who signed it: start MyDropbox with NODE_EXTRA_CA_CERTS=/path/to/ca.pem.';
/** What is wrong with a certificate, and what to do. */
const CERTIFICATE: Record<string, readonly [found: string, nextStep: string] | undefined> = {
	CERT_HAS_EXPIRED: [
		'its certificate has expired',
		'Check the clock of this device; otherwise whoever runs the server must renew it.',
	],
	CERT_NOT_YET_VALID: ['its certificate is not valid yet', 'Check the clock of this device.'],
	DEPTH_ZERO_SELF_SIGNED_CERT: ['its certificate is signed by itself', TRUST],
	SELF_SIGNED_CERT_IN_CHAIN: ['its certificate is signed by nobody whom this device trusts', TRUST],
	UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ['its certificate is signed by nobody whom this device trusts', TRUST],
	UNABLE_TO_VERIFY_LEAF_SIGNATURE: [
		'its certificate comes without those that it is signed by',
		'Whoever runs the server must let it send the whole chain.',
	],
	ERR_TLS_CERT_ALTNAME_INVALID: [
		'its certificate is for another name',
		'Check the address; otherwise whoever runs the server must get one for this name.',
	],
};

/** Of the error, or of what is behind it. */
function codeOf(error: unknown): string {
	for (let at = error; at instanceof Error; at = at.cause) {
		const { code } = at as NodeJS.ErrnoException;
		if (typeof code === 'string') return code;
	}
	return '';
}

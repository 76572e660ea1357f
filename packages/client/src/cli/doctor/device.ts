import { statSync } from 'node:fs';
import { readCredentials } from '../../daemon/config.ts';
import { askDaemon } from '../../daemon/ipc-client.ts';
import { isLocked } from '../../daemon/lock.ts';
import { stateLine } from '../format.ts';
import type { Check } from './finding.ts';

const NODE_FLOOR = 24;

export const nodeVersion: Check = () => {
	const what = 'Node.js';
	const isNewEnough = Number(process.versions.node.split('.')[0]) >= NODE_FLOOR;
	return isNewEnough
		? { what, detail: process.version }
		: { what, detail: `${process.version} is too old`, nextStep: `Install Node.js ${NODE_FLOOR} or newer.` };
};

/** That it is valid was seen when it was read. */
export const configuration: Check = ({ home, config }) => ({
	what: 'Configuration',
	detail: `${home.config}: ${config.username} on ${config.website}`,
});

export const credentials: Check = ({ home }) => {
	const what = 'Credentials';
	if (!readCredentials(home)) {
		return { what, detail: `${home.credentials} is missing`, nextStep: 'Sign in again with: mydropbox login' };
	}
	const isOpen = process.platform !== 'win32' && (statSync(home.credentials).mode & 0o077) !== 0;
	return isOpen
		? { what, detail: `${home.credentials} can be read by others`, nextStep: `Run: chmod 600 ${home.credentials}` }
		: { what, detail: 'only you can read them' };
};

export const daemon: Check = async ({ home }) => {
	const what = 'Daemon';
	const status = await askDaemon(home, 'GET /status').catch(() => undefined);
	if (status) {
		const detail = `process ${status.pid}. ${stateLine(status)}`;
		return status.state === 'problem'
			? { what, detail, nextStep: 'See what it is with: mydropbox status' }
			: { what, detail };
	}
	return isLocked(home.lock)
		? { what, detail: 'running, and does not answer', nextStep: 'Run: mydropbox stop, then mydropbox start' }
		: { what, detail: 'not running', nextStep: 'Start it with: mydropbox start' };
};

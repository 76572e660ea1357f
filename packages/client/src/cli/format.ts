import type { DaemonStatus } from '../daemon/status.ts';

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** 1234567 → "1.2 MB"; decimal, as disks and the website count. */
export function bytes(count: number): string {
	let unit = 0;
	let value = count;
	while (value >= (unit === 0 ? 1000 : 999.5) && unit < UNITS.length - 1) {
		value /= 1000;
		unit++;
	}
	if (unit === 0) return count === 1 ? '1 byte' : `${count} bytes`;
	return `${value < 99.95 ? value.toFixed(1) : Math.round(value)} ${UNITS[unit]}`;
}

export const number = (count: number): string => count.toLocaleString('en');

export const items = (count: number, singular: string): string =>
	`${number(count)} ${singular}${count === 1 ? '' : 's'}`;

/** 90 → "2 min"; as rough as an estimate is. */
export function duration(seconds: number): string {
	if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`;
	if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
	return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`;
}

type Work = Pick<DaemonStatus, 'state' | 'filesToGo' | 'bytesToGo' | 'problemCount'>;

/** What is left to do, or undefined when nothing is known to be. */
function toGo({ filesToGo, bytesToGo }: Work): string | undefined {
	if (filesToGo === 0 && bytesToGo === 0) return undefined;
	return `${items(filesToGo, 'file')}, ${bytes(bytesToGo)} to go`;
}

const withRest = (sentence: string, status: Work): string => {
	const rest = toGo(status);
	return rest ? `${sentence} (${rest})` : sentence;
};

const STATES: Record<DaemonStatus['state'], (status: Work) => string> = {
	'up-to-date': () => 'Up to date',
	syncing: (status) => `Syncing: ${toGo(status) ?? 'looking for changes'}`,
	paused: (status) => withRest('Paused', status),
	offline: (status) => withRest('Offline: the server cannot be reached; trying again by itself', status),
	problem: (status) => withRest(`${items(status.problemCount, 'problem')} to look at`, status),
	stopped: () => 'Not running: changes are not synced now',
};

export const stateLine = (status: Work): string => STATES[status.state](status);

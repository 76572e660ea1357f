import { PRIVATE_FOLDER } from '@mydropbox/client';

/** MyDropbox's folder on each device, and what it has in it for itself. */
export const ROOT = '/folder';
export const OWN = `${ROOT}/${PRIVATE_FOLDER}`;
/** When the world begins, milliseconds since 1970. */
export const BEGINNING = Date.UTC(2026, 10, 21, 9);

const IN_ROOT = `${ROOT}/`;
const IN_OWN = `${OWN}/`;
/** Whether people see what is at the path. */
export const isVisible = (path: string): boolean =>
	path.startsWith(IN_ROOT) && path !== OWN && !path.startsWith(IN_OWN);

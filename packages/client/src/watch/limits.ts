/** What Linux calls the number of things that one user may watch, and the number of programs that may watch for one. */
export const WATCHES = 'fs.inotify.max_user_watches';
export const INSTANCES = 'fs.inotify.max_user_instances';

const KEPT_IN = '/etc/sysctl.d/60-mydropbox.conf';
/** What distributions for developers set; each watch takes about 1 kB of the kernel's memory while it is used. */
const USUAL_WATCHES = 524_288;

/** A round number with room for as many again. */
export const enoughFor = (watches: number): number => Math.max(USUAL_WATCHES, 2 ** Math.ceil(Math.log2(watches * 2)));

/** The commands that raise a limit at once, and for good. */
export const raise = (limit: string, value: number): string =>
	`Run: sudo sysctl -w ${limit}=${value}; to keep it after a restart: echo ${limit}=${value} | sudo tee -a ${KEPT_IN}`;

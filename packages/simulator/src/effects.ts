/**
 * What a big batch of runs must have met at least once, each counted where it takes effect: a fault that is scheduled and
 * hits nothing does not count.
 */
export const EFFECTS = [
	// The daemon and its machine.
	'crash',
	'power',
	'torn-overwrite',
	'kill',
	'restart',
	'pause',
	'clock-jump',
	'database-lost',
	'database-stale',
	// The way to the server, per call.
	'partition',
	'request-lost',
	'answer-lost',
	'request-doubled',
	'request-overtaken',
	'token-expired',
	'server-restart',
	'server-restored',
	'garbage-removed',
	'history-forgotten',
	// What the watcher says.
	'hint-lost',
	'hint-doubled',
	'hint-overtaken',
	'overflow',
	// The disk, per call of the daemon.
	'EACCES',
	'EIO',
	'bad-sector',
	'disk-full',
	'disk-full-midway',
	'unmount',
	'entry-skipped',
	'other-clock',
	'names-lost',
	'bytes-lost',
	'bytes-torn',
	'observations-lost',
	'read-in-parts',
	'read-as-before',
	'changed-between-parts',
	'staged',
	'stage-resumed',
	'arriving',
	'arrived',
	'other-case',
	'other-form',
	// Other programs.
	'same-tick',
	'same-tick-coarse',
	'write-during-read',
	'write-during-apply',
	'write-while-open',
	'write-after-replaced',
	'intrusion',
	'respelled',
	'two-of-one-name',
	'intrusion-aimed',
	'death-in-the-middle',
	// Answers to a mass delete that is held back.
	'confirm',
	'undo',
	// What people do not want to be in step.
	'exclude',
	'ignore',
] as const;
export type Effect = (typeof EFFECTS)[number];
export type Count = (effect: Effect) => void;

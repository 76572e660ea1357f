import type { Clock } from '@mydropbox/client';
import type { Scheduler } from './scheduler.ts';

/** A daemon's clock; a dead one never wakes again. */
export function simClock(
	scheduler: Scheduler,
	{ now, machineStart }: Record<'now' | 'machineStart', () => number>,
	isAlive: () => boolean,
): Clock {
	return {
		now: () => Math.floor(now()),
		machineStart,
		monotonic: () => scheduler.now,
		sleep: (milliseconds, signal) =>
			new Promise((resolve) => {
				if (signal.aborted) {
					resolve();
					return;
				}
				const done = () => {
					signal.removeEventListener('abort', aborted);
					if (isAlive()) resolve();
				};
				const cancel = scheduler.after(milliseconds, done);
				const aborted = () => {
					cancel();
					done();
				};
				signal.addEventListener('abort', aborted, { once: true });
			}),
	};
}

import { uptime } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

/** Time, as a parameter: a simulation has its own. */
export interface Clock {
	/** Milliseconds since 1970. */
	now(): number;
	/** Milliseconds since some moment, by a clock that nobody sets. */
	monotonic(): number;
	/** When the machine was started, as this clock has it now, to a second or so: who sets the clock sets this, too. */
	machineStart(): number;
	/** Resolves after that time, or at once when the signal fires; never rejects. */
	sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
	now: () => Date.now(),
	monotonic: () => performance.now(),
	machineStart: () => Date.now() - uptime() * 1000,
	sleep: (milliseconds, signal) => delay(milliseconds, undefined, { signal }).catch(() => undefined),
};

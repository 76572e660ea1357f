import type { DaemonStatus } from '../daemon/status.ts';
import { bytes, duration, stateLine } from './format.ts';

interface Sample {
	readonly time: number;
	readonly bytes: number;
}

const WINDOW_MS = 5_000;

type Status = Parameters<typeof stateLine>[0] & Pick<DaemonStatus, 'bytesSent' | 'bytesReceived'>;

/** Speed over the last seconds, and how long the rest takes at that speed. */
export class Progress {
	readonly #now: () => number;
	#samples: Sample[] = [];

	constructor(now: () => number = () => performance.now()) {
		this.#now = now;
	}

	line(status: Status): string {
		const time = this.#now();
		const travelled = status.bytesSent + status.bytesReceived;
		this.#samples = [...this.#samples.filter((sample) => time - sample.time <= WINDOW_MS), { time, bytes: travelled }];
		if (status.state !== 'syncing') return stateLine(status);
		const first = this.#samples[0]!;
		const speed = time > first.time ? ((travelled - first.bytes) * 1000) / (time - first.time) : 0;
		if (speed < 1) return stateLine(status);
		return `${stateLine(status)} · ${bytes(Math.round(speed))}/s · ${duration(status.bytesToGo / speed)} left`;
	}
}

import { setTimeout as sleep } from 'node:timers/promises';
import { Noise } from '../data.ts';
import type { SignedIn } from './account.ts';
import { CrowdDevice } from './device.ts';

/**
 * Every device listens, and makes a change now and then, until it is told to stop.
 * @param everyMs between two changes of a device, on average.
 * @returns what was done, in words. @throws Error when a change was refused, or devices of a user differ in the end.
 */
export async function work(
	signedIn: readonly SignedIn[],
	everyMs: number,
	stopping: AbortSignal,
	say: (line: string) => void,
): Promise<string> {
	const devices = signedIn.map((self) => new CrowdDevice(self, new Noise(self.device)));
	for (const device of devices) await device.hear(false);
	const silence = new AbortController();
	const listening = Promise.all(devices.map((device) => listen(device, silence.signal)));
	// Whoever fails first ends it all, while the others still work.
	listening.catch(() => silence.abort());
	say('under way');
	const made = await Promise.all(signedIn.map((self, index) => change(self, devices[index]!, everyMs, stopping)));
	silence.abort();
	await listening;
	for (const device of devices) while (await device.hear(false));
	for (const [username, own] of Map.groupBy(devices, (device) => device.username)) {
		if (new Set(own.map((device) => device.tree())).size > 1) throw new Error(`The devices of ${username} differ.`);
	}
	const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
	return `made ${sum(made)} changes, heard of ${sum(devices.map(({ heard }) => heard))}`;
}

async function listen(device: CrowdDevice, silence: AbortSignal): Promise<void> {
	try {
		while (!silence.aborted) await device.hear(true, silence);
	} catch (error) {
		if (!silence.aborted) throw error;
	}
}

async function change(self: SignedIn, device: CrowdDevice, everyMs: number, stopping: AbortSignal): Promise<number> {
	const chance = new Noise(`pauses of ${self.device}`);
	for (let made = 0; ; made++) {
		await sleep(chance.between(0, 2 * everyMs), undefined, { signal: stopping }).catch(() => {});
		if (stopping.aborted) return made;
		await device.change();
	}
}

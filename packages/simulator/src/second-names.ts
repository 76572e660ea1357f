import { join } from 'node:path';
import type { Device } from './device.ts';
import { ROOT } from './places.ts';
import { freeName } from './user.ts';
import type { World } from './world.ts';

/** What people do about two things in one folder of which the status says that their names mean the same. @returns whether there were any. */
export function tellApart({ devices, witness, note, count }: World): boolean {
	let found = false;
	for (const device of devices) {
		if (!device.isMounted) continue;
		for (const { path, reason } of device.status()?.problems ?? []) {
			const at = join(ROOT, path);
			if (!reason.startsWith('Another name here means the same') || !isThere(device, at)) continue;
			found = true;
			count('two-of-one-name');
			note(`${device.name} user renames ${path}`);
			witness.act(device, () => device.disk.rename(at, freeName(device.disk, join(at, '..', 'twin'))), {});
		}
	}
	return found;
}

/** The status may be of a moment ago, when what is above it was a folder. */
function isThere({ disk }: Device, path: string): boolean {
	try {
		return disk.find(path) !== undefined;
	} catch {
		return false;
	}
}

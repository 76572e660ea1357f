import type { Count } from '../effects.ts';
import type { Random } from '../random.ts';
import { type Inode, NOTHING } from './inode.ts';

/** What was not synced of a file is there, gone, or there up to some byte. */
export function tear(inode: Inode, random: Random, count: Count): void {
	const { durable, bytes } = inode;
	const fate = random.between(0, 2);
	if (fate === 0) return;
	if (fate === 1 || bytes.length < 2) {
		count('bytes-lost');
		inode.bytes = durable?.bytes ?? NOTHING;
		inode.mtime = durable?.mtime ?? inode.mtime;
		inode.ctime = durable?.ctime ?? inode.ctime;
	} else {
		count('bytes-torn');
		inode.bytes = bytes.slice(0, random.between(0, bytes.length - 1));
	}
}

/** As a file system that brings length and times to the disk before the bytes. */
export function mix(inode: Inode, random: Random, count: Count): void {
	const { durable, bytes } = inode;
	if (bytes.length === 0) return;
	const mixed = new Uint8Array(bytes.length);
	if (durable) mixed.set(durable.bytes.subarray(0, bytes.length));
	mixed.set(bytes.subarray(0, random.between(0, bytes.length - 1)));
	if (Buffer.compare(mixed, bytes) !== 0) count('torn-overwrite');
	inode.bytes = mixed;
}

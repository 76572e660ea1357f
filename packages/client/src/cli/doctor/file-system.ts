import { ok, warning } from './finding.ts';
import type { Check, SignedIn } from './patient.ts';

const NETWORK =
	/^(nfs|nfs4|cifs|smb3|smbfs|9p|afs|ceph|glusterfs|lustre|gfs2|ocfs2|virtiofs|fuse\..*|fuseblk|fuse|davfs|sshfs)$/;
/** FUSE, and yet a disk of this machine. */
const LOCAL_FUSE = /^(fuseblk|fuse\.(ntfs|ntfs-3g|exfat|ext2|bindfs|mergerfs|gocryptfs|encfs|cryfs|vmhgfs-fuse))$/;

/** Network file systems tell nobody what others do on them, and keep times by a clock of their own. */
export const fileSystem: Check<SignedIn> = ({ config: { folder }, outside }) => {
	const mounted = mountOf(folder, outside.readText('/proc/mounts') ?? '');
	if (!mounted) return ok('not known on this system');
	const { type, point } = mounted;
	if (!NETWORK.test(type) || LOCAL_FUSE.test(type)) return ok(`${type}, mounted at ${point}`);
	return warning(
		`${type}, mounted at ${point}, is a network file system`,
		'What other machines change there is not noticed at once but within ten minutes, and a change within the difference of the clocks may be missed.',
		'Put the folder on a disk of this machine, and let each machine have a MyDropbox of its own.',
	);
};

export interface Mount {
	readonly point: string;
	readonly type: string;
}

/** The mount that a path is on: of the deepest ones the last. @param mounts as in /proc/mounts */
export function mountOf(path: string, mounts: string): Mount | undefined {
	let found: Mount | undefined;
	for (const line of mounts.split('\n')) {
		const [, point, type] = line.split(' ').map(plain);
		if (point === undefined || type === undefined) continue;
		const isAbove = point === '/' || path === point || path.startsWith(`${point}/`);
		if (isAbove && (!found || point.length >= found.point.length)) found = { point, type };
	}
	return found;
}

/** Blanks and the like are written as octal numbers. */
const plain = (text: string): string =>
	text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

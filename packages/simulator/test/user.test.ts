import { SimDisk } from '../src/disk/sim-disk.ts';
import { ROOT } from '../src/places.ts';
import { Random } from '../src/random.ts';
import { type Hands, User } from '../src/user.ts';

test('S19: who writes to a copy of a file leaves the bytes of the other one as they were', () => {
	const disk = new SimDisk({ now: () => 0n, tick: 1n, kind: 'any', onChange: () => {}, onOtherSpelling: () => {} });
	const hands: Partial<Hands> = { disk, root: ROOT, random: new Random('a seed'), fresh: () => 'fresh;' };
	const bytes = Buffer.from('what both files have'.repeat(10));
	const before = bytes.toString();
	expect(Buffer.from(new User(hands as Hands).patched(bytes)).toString()).not.toBe(before);
	expect(bytes.toString()).toBe(before);
});

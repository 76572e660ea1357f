import { DiskTime } from '../src/control/disk-time.ts';

const NOW = 1_800_000_000_123;
const stamp = (milliseconds: number) => BigInt(milliseconds) * 1_000_000n;

describe('S14: the clock that stamps the files', () => {
	test('is ours as long as what we write has times of ours, however coarse, and however long it takes', () => {
		const time = new DiskTime();
		time.learn(stamp(NOW - 9), NOW, NOW + 1);
		time.learn(stamp(NOW + 4000), NOW, NOW + 5000);
		// The disk counts in seconds.
		time.learn(stamp(NOW - 123 - 1000), NOW, NOW + 1);
		expect(time.at(NOW)).toBe(NOW);
	});

	test.each([-3_600_000, -500, 500, 3_600_000])(
		'is %i ms ahead if its times say so, until they say something else',
		(ahead) => {
			const time = new DiskTime();
			time.learn(stamp(NOW + ahead), NOW, NOW + 1);
			const known = time.at(NOW) - NOW;
			expect(Math.abs(known - ahead)).toBeLessThanOrEqual(20);
			time.learn(stamp(NOW + 1000 + known), NOW + 1000, NOW + 1100);
			expect(time.at(NOW) - NOW).toBe(known);
			time.learn(stamp(NOW + 2000), NOW + 2000, NOW + 2001);
			expect(Math.abs(time.at(NOW) - NOW)).toBeLessThanOrEqual(20);
		},
	);

	test('is never taken for further ahead than it is, where it counts in seconds', () => {
		const time = new DiskTime();
		const whole = (milliseconds: number) => milliseconds - (milliseconds % 1000);
		for (let now = NOW; now < NOW + 3000; now += 70) {
			time.learn(stamp(whole(now - 3_600_000)), now, now + 1);
			expect(time.at(now)).toBeLessThanOrEqual(now - 3_600_000);
		}
	});
});

import { DUMMY_HASH, hashPassword, isOutdated, verifyPassword } from '../src/password.ts';
import { addressKey } from '../src/rate-limit.ts';

test('a password hash says how it was made, never repeats, and is checked', async () => {
	const encoded = await hashPassword('correct horse');
	expect(encoded).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
	expect(await hashPassword('correct horse')).not.toBe(encoded);
	expect(await verifyPassword('correct horse', encoded)).toBe(true);
	expect(await verifyPassword('correct horsf', encoded)).toBe(false);
	expect(await verifyPassword('', DUMMY_HASH)).toBe(false);
});

test('hashes made elsewhere with other parameters are read, and known to be outdated', async () => {
	// From the reference implementation: echo -n password | argon2 somesalt -id -t 2 -k 256 -p 1
	const reference = '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4';
	expect(await verifyPassword('password', reference)).toBe(true);
	expect(isOutdated(reference)).toBe(true);
	expect(isOutdated(await hashPassword('x'))).toBe(false);
	await expect(verifyPassword('x', 'damaged')).rejects.toThrow(/damaged/);
});

test.each([
	['192.0.2.1', '192.0.2.1'],
	['::ffff:192.0.2.1', '192.0.2.1'],
	['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
	['2001:db8::1', '2001:db8:0:0'],
	['::1', '0:0:0:0'],
	['fe80::1%eth0', 'fe80:0:0:0'],
	['', ''],
])('the address %s counts as %s', (ip, key) => expect(addressKey(ip)).toBe(key));

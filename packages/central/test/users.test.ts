import { describeEachEngine } from '@mydropbox/testkit';
import { signUp, userById, verifyUser } from '../src/index.ts';
import { account, codeOf, IP, QUOTA, World } from './support.ts';

describeEachEngine('accounts', (engine) => {
	let world: World;
	beforeEach(async () => {
		world = await new World(engine).open();
	});
	afterEach(() => world.close());

	const rows = async () => {
		const { db } = world.central;
		const count = async (table: 'Users' | 'Namespaces' | 'Members') =>
			(await db.selectFrom(table).selectAll().execute()).length;
		const servers = await db.selectFrom('DataServers').select('Allocated').execute();
		return {
			users: await count('Users'),
			namespaces: await count('Namespaces'),
			members: await count('Members'),
			allocated: servers.reduce((sum, { Allocated }) => sum + Allocated, 0),
		};
	};

	test('a new user has a place, a root namespace and the quota', async () => {
		await world.beat('one', 2);
		const user = await signUp(world.central, account('Ann'), IP);
		expect(user).toEqual({
			id: expect.stringMatching(/^[0-9a-f]{32}$/),
			username: 'Ann',
			email: 'Ann@example.org',
			quota: QUOTA,
			dataServer: 'one',
		});
		expect(await userById(world.central, user.id)).toEqual(user);
		expect(await rows()).toEqual({ users: 1, namespaces: 1, members: 1, allocated: QUOTA });
	});

	test('names and addresses are unique without regard to case, and a refusal reserves nothing', async () => {
		await world.beat('one', 5);
		await signUp(world.central, account('Ann'), IP);
		expect(await codeOf(signUp(world.central, account('ANN', { email: 'x@example.org' }), IP))).toBe('username-taken');
		expect(await codeOf(signUp(world.central, account('bob', { email: 'aNN@EXAMPLE.org' }), IP))).toBe('email-taken');
		expect(await rows()).toEqual({ users: 1, namespaces: 1, members: 1, allocated: QUOTA });
	});

	test('of many that want one name at the same moment, one gets it', async () => {
		await world.beat('one', 50);
		const codes = await Promise.all(
			Array.from({ length: 8 }, (_, n) => codeOf(signUp(world.central, account('Ann', { email: `${n}@x.org` }), IP))),
		);
		expect(codes.sort()).toEqual(['none', ...Array(7).fill('username-taken')]);
		expect(await rows()).toMatchObject({ users: 1, allocated: QUOTA });
	});

	test('users fill the servers in order; then sign-up says so and creates nothing', async () => {
		await world.beat('two', 1);
		await world.beat('one', 1);
		expect((await signUp(world.central, account('ann'), IP)).dataServer).toBe('one');
		expect((await signUp(world.central, account('bob'), IP)).dataServer).toBe('two');
		const third = signUp(world.central, account('cid'), IP);
		await expect(third).rejects.toThrow(/no room for another account.*Nothing was created/);
		expect(await rows()).toEqual({ users: 2, namespaces: 2, members: 2, allocated: 2 * QUOTA });
		await world.beat('two', 2);
		expect((await signUp(world.central, account('cid'), IP)).dataServer).toBe('two');
	});

	test('fifty at once do not overbook', async () => {
		await world.beat('one', 7);
		await world.beat('two', 5);
		const codes = await Promise.all(
			Array.from({ length: 50 }, (_, n) => codeOf(signUp(world.central, account(`user${n}`), IP))),
		);
		expect(codes.filter((code) => code === 'none')).toHaveLength(12);
		expect(codes.filter((code) => code === 'no-capacity')).toHaveLength(38);
		expect(await rows()).toEqual({ users: 12, namespaces: 12, members: 12, allocated: 12 * QUOTA });
	});

	test('nobody new comes to a server that is silent, leaving, or smaller than before', async () => {
		await world.beat('one', 5);
		await world.beat('two', 5, false);
		await signUp(world.central, account('ann'), IP);
		world.advance(16);
		await expect(signUp(world.central, account('bob'), IP)).rejects.toThrow(/No data server is available/);
		await world.beat('one', 1);
		await expect(signUp(world.central, account('bob'), IP)).rejects.toThrow(/no room/);
		await world.beat('two', 5);
		expect((await signUp(world.central, account('bob'), IP)).dataServer).toBe('two');
	});

	test('signs in by name or address in any case, and by nothing else', async () => {
		await world.beat('one', 5);
		const ann = await signUp(world.central, account('Ann', { password: 'pässword' }), IP);
		for (const login of ['ann', 'ANN', 'ann@example.ORG']) {
			expect(await verifyUser(world.central, login, 'pässword', IP)).toEqual(ann);
			expect(await verifyUser(world.central, login, 'pa\u0308ssword', IP)).toEqual(ann);
		}
		for (const [login, password] of [
			['ann', 'Pässword'],
			['ann', ''],
			['nobody', 'pässword'],
			["' or 1=1", 'x'],
		] as const) {
			expect(await codeOf(verifyUser(world.central, login, password, IP))).toBe('wrong-password');
		}
	});

	test('guessing is slowed down, for the guesser only', async () => {
		await world.beat('one', 5);
		const { password } = account('ann');
		await signUp(world.central, account('ann'), IP);
		const guess = (login: string, ip: string) => codeOf(verifyUser(world.central, login, 'guess', ip));
		const codes = await Promise.all(Array.from({ length: 14 }, () => guess('ann', IP)));
		expect(codes.filter((code) => code === 'wrong-password')).toHaveLength(10);
		expect(codes.filter((code) => code === 'too-many-requests')).toHaveLength(4);
		const refused = verifyUser(world.central, 'ANN', password, IP);
		await expect(refused).rejects.toMatchObject({ code: 'too-many-requests', retryAfter: 60 });
		await verifyUser(world.central, 'ann', password, '192.0.2.2');
		world.advance(60);
		await verifyUser(world.central, 'ann', password, IP);
	});

	test('spaces around a name make no other name, for guessing neither', async () => {
		await world.beat('one', 5);
		const ann = await signUp(world.central, account('ann'), IP);
		expect(await verifyUser(world.central, ' ann ', account('ann').password, IP)).toEqual(ann);
		const codes: string[] = [];
		for (let n = 0; n < 12; n++)
			codes.push(await codeOf(verifyUser(world.central, `ann${' '.repeat(n)}`, 'guess', IP)));
		expect(codes.filter((code) => code === 'wrong-password')).toHaveLength(10);
	});

	test('whoever knows the password is not slowed down', async () => {
		await world.beat('one', 5);
		await signUp(world.central, account('ann'), IP);
		for (let turn = 0; turn < 12; turn++) await verifyUser(world.central, 'ann', account('ann').password, IP);
	});

	test('guessing at many names from one address is slowed down too', async () => {
		const codes = [];
		for (let n = 0; n < 62; n++)
			codes.push(await codeOf(verifyUser(world.central, `user${n}`, 'guess', `2001:db8::${n}`)));
		expect(codes.filter((code) => code === 'wrong-password')).toHaveLength(60);
		expect(await codeOf(verifyUser(world.central, 'user99', 'guess', '2001:db8:0:1::1'))).toBe('wrong-password');
	});
});

import type { NamespaceId, NodeId } from '@mydropbox/protocol';
import { describeEachEngine } from '@mydropbox/testkit';
import {
	createLink,
	createSession,
	grantAccess,
	grantBelow,
	linkByToken,
	linksOf,
	removeLink,
	sessionDevice,
	signUp,
	sweep,
	type User,
	verifyGrant,
} from '../src/index.ts';
import { account, codeOf, IP, World } from './support.ts';

const NODE = 'a'.repeat(32) as NodeId;
const DAY_MS = 24 * 3600_000;

describeEachEngine('links', (engine) => {
	let world: World;
	let ann: User;
	let namespace: NamespaceId;
	beforeEach(async () => {
		world = await new World(engine).open();
		await world.beat('one', 5);
		ann = await signUp(world.central, account('ann'), IP);
		const { token } = await createSession(world.central, ann.id);
		const [grant] = await grantAccess(world.central, await sessionDevice(world.central, token));
		namespace = grant!.namespaces[0]!.id;
	});
	afterEach(() => world.close());

	const link = (days: number | null) =>
		createLink(world.central, {
			user: ann.id,
			namespace,
			node: NODE,
			endsAt: days === null ? null : world.central.now() + days * DAY_MS,
		});

	test('one is known by its token, of which only a hash is stored', async () => {
		const { link: made, token } = await link(null);
		expect(await linkByToken(world.central, token)).toEqual(made);
		const [stored] = await world.central.db.selectFrom('Links').selectAll().execute();
		expect(JSON.stringify(stored)).not.toContain(token);
		expect(await codeOf(linkByToken(world.central, `${token}x`))).toBe('not-found');
	});

	test('one grants reading at and below its node, and nothing else', async () => {
		const { link: made } = await link(null);
		const { token, owner } = await grantBelow(world.central, made);
		expect(owner).toBe('ann');
		const claims = await verifyGrant(world.central, token);
		expect(claims.namespaces).toEqual([]);
		expect(claims.below).toMatchObject({ id: namespace, owner: ann.id, rights: 'read', node: NODE });
	});

	test('one ends when its time is over, and is forgotten', async () => {
		const { link: short, token } = await link(1);
		const { link: other } = await link(null);
		expect(await linksOf(world.central, ann.id)).toHaveLength(2);
		world.advance(24 * 3600 - 1);
		await linkByToken(world.central, token);
		await grantBelow(world.central, short);
		world.advance(1);
		// Also in the middle of a download that takes long.
		expect(await codeOf(grantBelow(world.central, short))).toBe('not-found');
		expect(await codeOf(linkByToken(world.central, token))).toBe('not-found');
		expect(await linksOf(world.central, ann.id)).toEqual([other]);
		await sweep(world.central);
		expect(await world.central.db.selectFrom('Links').select('EndsAt').execute()).toEqual([{ EndsAt: null }]);
	});

	test('one ends when its owner removes it, and nobody else can', async () => {
		const bob = await signUp(world.central, account('bob'), IP);
		const { link: made, token } = await link(null);
		expect([await linksOf(world.central, bob.id), await removeLink(world.central, bob.id, made.id)]).toEqual([
			[],
			false,
		]);
		await linkByToken(world.central, token);
		expect(await removeLink(world.central, ann.id, made.id)).toBe(true);
		expect(await codeOf(linkByToken(world.central, token))).toBe('not-found');
		expect(await removeLink(world.central, ann.id, made.id)).toBe(false);
	});
});

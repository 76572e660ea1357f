import { addDevice, deviceByRefreshToken } from '@mydropbox/central';
import { describeEachEngine } from '@mydropbox/testkit';
import request from 'supertest';
import { createWorld, type World } from './support/world.ts';

describeEachEngine('devices of the web API', (engine) => {
	let world: World;
	beforeAll(async () => {
		world = await createWorld(engine.freshUrl());
	});
	afterAll(() => world.close());
	const list = (who: { authorization: string }) => request(world.app).get('/api/v1/devices').set(who);
	const signOut = (who: { authorization: string }, id: string) =>
		request(world.app).delete('/api/v1/devices').query({ id }).set(who);
	const userOf = async (who: { authorization: string }) =>
		(await request(world.app).get('/api/v1/me').set(who).expect(200)).body.user.id;

	test('are listed, and signed out by their user alone', async () => {
		const ada = await world.signIn('ada');
		const eve = await world.signIn('eve');
		expect((await list(ada).expect(200)).body).toEqual({ devices: [] });
		const { device, refreshToken } = await addDevice(world.central, await userOf(ada), 'laptop');
		const { devices } = (await list(ada).expect(200)).body;
		expect(devices).toMatchObject([{ id: device.id, name: 'laptop' }]);
		expect(Date.parse(devices[0].connectedAt)).toBeLessThanOrEqual(Date.parse(devices[0].lastSeenAt));
		expect(JSON.stringify(devices)).not.toContain(refreshToken);
		expect((await list(eve).expect(200)).body).toEqual({ devices: [] });
		await signOut(eve, device.id).expect(404);
		await signOut(ada, 'x').expect(400);
		expect(await deviceByRefreshToken(world.central, refreshToken)).toMatchObject({ name: 'laptop' });
		await signOut(ada, device.id).expect(204);
		await expect(deviceByRefreshToken(world.central, refreshToken)).rejects.toMatchObject({ code: 'not-signed-in' });
		await signOut(ada, device.id).expect(404);
		await request(world.app).get('/api/v1/devices').expect(401);
	});
});

import { chmod, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cleanUp } from './support/cleanup.ts';
import { type Device, newDevice } from './support/device.ts';
import { type Person, type Product, startProduct } from './support/product.ts';

const MINUTES = 60_000;

interface Report {
	readonly ok: boolean;
	readonly problems: number;
	readonly warnings: number;
	readonly findings: ReadonlyArray<{ check: string; level: string; found: string; nextStep: string | null }>;
}

describe('mydropbox doctor', () => {
	let product: Product;
	let person: Person;
	let device: Device;

	beforeAll(async () => {
		product = await startProduct();
		person = await product.signUp('ada');
		device = await newDevice('laptop');
	}, 2 * MINUTES);
	afterAll(cleanUp, MINUTES);

	const report = async (): Promise<Report & { code: number | null }> => {
		const { code, stdout } = await device.try(['doctor', '--json']);
		return { code, ...(JSON.parse(stdout) as Report) };
	};
	const problems = async () =>
		(await report()).findings.filter(({ level }) => level === 'problem').map(({ check }) => check);

	test(
		'goes with a device from before the login to the day when all is well',
		async () => {
			expect(await problems()).toEqual(['configuration']);
			await device.login(product, person);
			expect(await problems()).toEqual(['daemon']);
			await device.start();
			await device.upToDate();
			expect(await report()).toMatchObject({ code: 0, ok: true, problems: 0 });
			expect((await device.try(['doctor'])).stdout).toMatch(/(All is well|It works as it is)\.\n$/);
		},
		MINUTES,
	);

	test(
		'finds what is wrong while the daemon runs, and when it is stopped',
		async () => {
			const state = join(device.home, 'state');
			await chmod(join(device.home, 'credentials.json'), 0o644);
			await product.stop();
			expect(await problems()).toEqual(['credentials', 'server']);
			await device.kill();
			await rename(device.folder, `${device.folder}-away`);
			for (const name of await readdir(state)) await rm(join(state, name));
			await writeFile(join(state, 'state.db'), 'no database at all');
			const { findings, code } = await report();
			expect(code).toBe(1);
			const wrong = findings.filter(({ level }) => level === 'problem');
			expect(wrong.map(({ check }) => check)).toEqual(['credentials', 'folder', 'database', 'server', 'daemon']);
			for (const { nextStep } of wrong) expect(nextStep).toMatch(/\w{3}/);
			await rename(`${device.folder}-away`, device.folder);
		},
		MINUTES,
	);
});

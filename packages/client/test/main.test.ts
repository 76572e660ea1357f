import { readFileSync } from 'node:fs';
import { Sandbox } from './support/sandbox.ts';

let box: Sandbox;
beforeEach(() => {
	box = new Sandbox();
});
afterEach(() => box.remove());

test('--version says which version this is', async () => {
	const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
	expect(await box.run('--version')).toMatchObject({ code: 0, out: `${version}\n` });
});

import { randomBytes } from 'node:crypto';
import { RouteApi } from '@mydropbox/remote';
import type { Browser } from 'playwright-core';
import { fromBufferPromise } from 'yauzl';
import { openBrowser } from './support/browser.ts';
import { cleanUp } from './support/cleanup.ts';
import {
	button,
	choose,
	createFolder,
	downloadBy,
	entry,
	file,
	PASSWORD,
	remove,
	signUp,
	upload,
	visit as visitSite,
} from './support/portal-visitor.ts';
import { type Product, startProduct } from './support/product.ts';

let product: Product;
let browser: Browser;
beforeAll(async () => {
	[product, browser] = await Promise.all([startProduct({ capacity: 1e12 }), openBrowser()]);
}, 60_000);
afterAll(cleanUp, 60_000);

const visit = () => visitSite(browser, product.site);

describe('the website', () => {
	it('takes a person from signing up to their first files, and gives them back unchanged', async () => {
		const { page, problems } = await visit();
		await button(page, 'Sign in').click();
		expect(await page.getByText('Please fill this in').count()).toBe(2);
		// Who comes for the first time has not been anywhere to go on from.
		expect(await page.getByText('Please sign in').count()).toBe(0);
		await signUp(page, 'ada');
		await page.getByText('0 bytes of 5 GB used').waitFor();

		const photo = randomBytes(3_000_000);
		await upload(page, file('Übersicht 日本 😀.jpg', photo), file('notes.txt', 'first'));
		await page.getByText('2 files uploaded').waitFor();
		await page.getByText('3 MB of 5 GB used').waitFor();

		const { name, content } = await downloadBy(page, entry(page, 'Übersicht 日本 😀.jpg'));
		expect(name).toBe('Übersicht 日本 😀.jpg');
		expect(content.equals(photo)).toBe(true);
		// That nobody is signed in yet is the only thing that a first visit complains about.
		expect(problems.filter((problem) => !problem.includes('401'))).toEqual([]);
	}, 90_000);

	it('keeps order: folders, moving, renaming, two of one name, deleting', async () => {
		const { page, problems } = await visit();
		await signUp(page, 'grace');
		await createFolder(page, 'Plans');

		await upload(page, file('a.txt', 'one'));
		await entry(page, 'a.txt').waitFor();
		await upload(page, file('a.txt', 'two'));
		await button(page, 'Keep both').click();
		await entry(page, 'a (2).txt').waitFor();

		await choose(page, 'a (2).txt', 'Rename…');
		await page.getByRole('textbox', { name: 'Name' }).fill('b.txt');
		await button(page, 'Rename').click();
		await entry(page, 'b.txt').waitFor();

		await choose(page, 'b.txt', 'Move…');
		await page.getByRole('dialog').getByRole('button', { name: 'Plans' }).click();
		await button(page, 'Move here').click();
		await entry(page, 'b.txt').waitFor({ state: 'detached' });
		await entry(page, 'Plans').click();
		await entry(page, 'b.txt').waitFor();
		expect(new URL(page.url()).pathname).toBe('/files/Plans');

		await remove(page, 'b.txt');
		await page.getByText('This folder is empty').waitFor();
		await page.getByRole('navigation', { name: 'Folder' }).getByRole('link', { name: 'Files' }).click();
		await entry(page, 'a.txt').waitFor();
		expect(problems.filter((problem) => !problem.includes('401'))).toEqual([]);
	}, 90_000);

	it('gives a folder back as a ZIP file', async () => {
		const { page, problems } = await visit();
		await signUp(page, 'margaret');
		expect(await button(page, 'Download this folder').count()).toBe(0);
		await createFolder(page, 'Plans');
		await entry(page, 'Plans').click();
		await page.getByText('This folder is empty').waitFor();
		await upload(page, file('large', randomBytes(3_000_000)), file('a.txt', 'first'));
		await entry(page, 'a.txt').waitFor();
		const whole = await downloadBy(page, button(page, 'Download this folder'));
		expect(whole.name).toBe('Plans.zip');
		const zip = await fromBufferPromise(whole.content);
		const names: string[] = [];
		for await (const { fileName, uncompressedSize } of zip.eachEntry()) names.push(`${fileName} ${uncompressedSize}`);
		expect(names).toEqual(['Plans/ 0', 'Plans/a.txt 5', 'Plans/large 3000000']);
		await page.goto(`${product.site}/files`);
		await button(page, 'More for Plans').click();
		const again = await downloadBy(page, page.getByRole('menuitem', { name: 'Download' }));
		expect(again.name).toBe('Plans.zip');
		expect(problems.filter((problem) => !problem.includes('401'))).toEqual([]);
	}, 90_000);

	it('does to several things at once what can be done to one', async () => {
		const { page, problems } = await visit();
		await signUp(page, 'katherine');
		await createFolder(page, 'Plans');
		const tick = (name: string) => page.getByRole('checkbox', { name: `Select ${name}`, exact: true });
		await upload(page, ...['a', 'b', 'c', 'd', 'e'].map((name) => file(`${name}.txt`, name)));
		await entry(page, 'e.txt').waitFor();

		await tick('a.txt').check();
		await tick('c.txt').click({ modifiers: ['Shift'] });
		await page.getByText('3 selected').waitFor();
		await tick('b.txt').uncheck();
		const some = await downloadBy(page, button(page, 'Download'));
		expect(some.name).toBe('myDropbox.zip');
		const names: string[] = [];
		for await (const { fileName } of (await fromBufferPromise(some.content)).eachEntry()) names.push(fileName);
		expect(names).toEqual(['myDropbox/', 'myDropbox/a.txt', 'myDropbox/c.txt']);

		await button(page, 'Move…').click();
		await page.getByRole('dialog').getByRole('button', { name: 'Plans' }).click();
		await button(page, 'Move here').click();
		await page.getByText('Moved 2 things to “Plans”.').waitFor();
		await entry(page, 'a.txt').waitFor({ state: 'detached' });
		// What is gone is not ticked any more, and the folder has its buttons back.
		await button(page, 'New folder').waitFor();

		await tick('d.txt').check();
		await tick('e.txt').check();
		await button(page, 'Delete…').click();
		await button(page, 'Delete').click();
		await entry(page, 'e.txt').waitFor({ state: 'detached' });
		await button(page, 'Undo: Deleted 2 things.').click();
		await page.getByText('2 things are back.').waitFor();
		await entry(page, 'e.txt').waitFor();

		await upload(page, file('a.txt', 'another'));
		await entry(page, 'a.txt').waitFor();
		await page.getByRole('checkbox', { name: 'Select all' }).check();
		await tick('Plans').uncheck();
		await button(page, 'Move…').click();
		await page.getByRole('dialog').getByRole('button', { name: 'Plans' }).click();
		await button(page, 'Move here').click();
		await page.getByText(/^3 of 4 are done\. “a\.txt” was not moved/).waitFor();
		await entry(page, 'b.txt').waitFor({ state: 'detached' });
		await entry(page, 'a.txt').waitFor();
		expect(problems.filter((problem) => !/401|409/.test(problem))).toEqual([]);
	}, 90_000);

	it('shows by itself what another device did, and explains how to connect one', async () => {
		const { page } = await visit();
		await signUp(page, 'barbara');
		const session = await product.api('POST', '/session', { body: { username: 'barbara', password: PASSWORD } });
		const { token } = (await session.json()) as { token: string };
		await product.api('POST', '/folders', { token, body: { path: '/From the laptop' } });
		await entry(page, 'From the laptop').waitFor();

		await page.getByRole('link', { name: 'Connect a device' }).click();
		await page.getByText(`npx mydropbox login --server ${product.site} --username barbara`, { exact: true }).waitFor();
		await page.getByText('npx mydropbox start', { exact: true }).waitFor();
	}, 90_000);

	it('lists the devices, and signs out one that is lost', async () => {
		const { page, problems } = await visit();
		await signUp(page, 'radia');
		const route = new RouteApi(product.routeUrl);
		const account = { username: 'radia', password: PASSWORD };
		const lost = await route.signIn({ ...account, device: 'lost laptop' });
		await route.signIn({ ...account, device: 'desk' });
		await page.goto(`${product.site}/connect`);
		await button(page, 'Sign out lost laptop').click();
		await button(page, 'Sign out').click();
		await page.getByText('Signed out “lost laptop”.').waitFor();
		await button(page, 'Sign out lost laptop').waitFor({ state: 'detached' });
		await button(page, 'Sign out desk').waitFor();
		await expect(route.tokens(lost.refreshToken)).rejects.toMatchObject({ code: 'not-signed-in' });
		expect(problems.filter((problem) => !problem.includes('401'))).toEqual([]);
	}, 90_000);

	it('changes the password, and signs other browsers out', async () => {
		const { page, problems } = await visit();
		await signUp(page, 'frances');
		const credentials = { username: 'frances', password: PASSWORD };
		const { token } = (await (await product.api('POST', '/session', { body: credentials })).json()) as {
			token: string;
		};
		await button(page, 'Account: frances').click();
		await page.getByRole('menuitem', { name: 'Change password…' }).click();
		const [current, renewed] = ['Current password', 'New password'].map((name) => page.getByRole('textbox', { name }));
		await current!.fill('not this one');
		await renewed!.fill('short');
		await button(page, 'Change password').click();
		await page.getByText('Must have at least 8 characters').waitFor();
		await renewed!.fill('another horse');
		await button(page, 'Change password').click();
		await page.getByText('Your current password is another one').waitFor();
		await current!.fill(PASSWORD);
		await button(page, 'Change password').click();
		await page.getByText('Your password is changed').waitFor();
		expect((await product.api('GET', '/me', { token })).status).toBe(401);
		await createFolder(page, 'Still signed in');
		expect((await product.api('POST', '/session', { body: credentials })).status).toBe(401);
		const anew = await product.api('POST', '/session', { body: { ...credentials, password: 'another horse' } });
		expect(anew.status).toBe(201);
		expect(problems.filter((problem) => !problem.includes('401'))).toEqual([]);
	}, 90_000);

	it('leads to the sign-in page and back when the session has ended', async () => {
		const { page } = await visit();
		await signUp(page, 'linus');
		await createFolder(page, '50% & more?');
		await entry(page, '50% & more?').click();
		await page.getByText('This folder is empty').waitFor();
		const address = page.url();

		await page.evaluate(() => fetch('/api/v1/session', { method: 'DELETE' }));
		await page.getByText('Please sign in').waitFor();
		await page.getByLabel('Username or e-mail').fill('linus');
		await page.getByRole('textbox', { name: 'Password' }).fill('not this one');
		await button(page, 'Sign in').click();
		await page.getByText('The username or the password is wrong').waitFor();
		await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
		await button(page, 'Sign in').click();
		await page.getByText('This folder is empty').waitFor();
		expect(page.url()).toBe(address);

		await button(page, 'Account: linus').click();
		await page.getByRole('menuitem', { name: 'Sign out' }).click();
		await page.waitForURL('**/sign-in');
		await page.goto(address);
		await page.getByText('Please sign in').waitFor();
	}, 90_000);

	it('says when the servers are gone, and goes on by itself when they are back', async () => {
		const { page } = await visit();
		await signUp(page, 'edsger');
		await upload(page, file('a.txt', 'one'));
		await entry(page, 'a.txt').waitFor();
		await product.stop();
		await page.getByText('MyDropbox cannot be reached').first().waitFor();
		await entry(page, 'a.txt').waitFor();
		await product.start();
		await page.getByText('MyDropbox cannot be reached').waitFor({ state: 'detached' });
		await entry(page, 'a.txt').waitFor();
	}, 90_000);

	it('never runs what somebody uploaded as a part of the site', async () => {
		const { page } = await visit();
		await signUp(page, 'mallory');
		await upload(page, file('page.html', '<script>top.stolen = document.cookie</script>'), file('a.svg', '<svg/>'));
		await entry(page, 'page.html').waitFor();
		for (const path of ['/page.html', '/a.svg']) {
			const address = `/api/v1/files/content?path=${path}&disposition=inline`;
			const headers = await page.evaluate(async (url) => [...(await fetch(url)).headers], address);
			expect(Object.fromEntries(headers)).toMatchObject({
				'content-disposition': expect.stringMatching(/^attachment/),
				'content-security-policy': expect.stringContaining('sandbox'),
				'x-content-type-options': 'nosniff',
			});
		}
		expect(product.site).toBe(new URL(page.url()).origin);
	}, 90_000);
});

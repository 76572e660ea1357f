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
	signUp,
	upload,
	visit as visitSite,
} from './support/portal-visitor.ts';
import { type Product, startProduct } from './support/product.ts';

let product: Product;
let browser: Browser;
beforeAll(async () => {
	[product, browser] = await Promise.all([startProduct(), openBrowser()]);
}, 60_000);
afterAll(cleanUp, 60_000);

describe('sharing on the website', () => {
	it('shows a folder to whoever has its link, without an account, until its owner ends it', async () => {
		const owner = await visitSite(browser, product.site);
		const { page } = owner;
		await signUp(page, 'ada');
		await createFolder(page, 'Plans & more');
		await entry(page, 'Plans & more').click();
		await createFolder(page, 'inner');
		await upload(page, file('notes.txt', 'the notes'));
		await entry(page, 'notes.txt').waitFor();
		await page.goto(`${product.site}/files`);

		await choose(page, 'Plans & more', 'Share…');
		await page.getByRole('combobox', { name: 'The link ends' }).selectOption('After 7 days');
		await button(page, 'Create link').click();
		const field = page.getByRole('textbox', { name: 'Address of the link' });
		await field.waitFor();
		const address = await field.inputValue();
		expect(address).toMatch(new RegExp(`^${product.site}/s#[\\w-]{43}$`));
		await button(page, 'Done').click();

		const guest = await visitSite(browser, address);
		await guest.page.getByText('Shared by ada').waitFor();
		await entry(guest.page, 'inner').waitFor();
		const { content } = await downloadBy(guest.page, entry(guest.page, 'notes.txt'));
		expect(content.toString()).toBe('the notes');
		const whole = await downloadBy(guest.page, button(guest.page, 'Download all'));
		expect(whole.name).toBe('Plans & more.zip');
		const names: string[] = [];
		for await (const { fileName } of (await fromBufferPromise(whole.content)).eachEntry()) names.push(fileName);
		expect(names.sort()).toEqual(['Plans & more/', 'Plans & more/inner/', 'Plans & more/notes.txt']);
		await entry(guest.page, 'inner').click();
		await guest.page.getByText('This folder is empty').waitFor();
		await guest.page.reload();
		await guest.page.getByRole('heading', { level: 1, name: 'inner' }).waitFor();
		expect(guest.page.url()).toBe(address.replace('/s#', '/s?path=/inner#'));
		// Nothing asks visitors who they are.
		expect([...owner.problems.filter((problem) => !problem.includes('401')), ...guest.problems]).toEqual([]);

		await page.getByRole('link', { name: 'Shared links' }).click();
		await button(page, 'End link to Plans & more').click();
		await button(page, 'End link').click();
		await page.getByText('You share nothing by a link').waitFor();
		await guest.page.goto('about:blank');
		await guest.page.goto(address);
		await guest.page.getByText('This link does not work').waitFor();
	}, 120_000);

	it('gives a single file to whoever has its link, also when it was renamed', async () => {
		const { page } = await visitSite(browser, product.site);
		await signUp(page, 'grace');
		await upload(page, file('photo.jpg', 'bytes'));
		await entry(page, 'photo.jpg').waitFor();
		await choose(page, 'photo.jpg', 'Share…');
		await button(page, 'Create link').click();
		const address = await page.getByRole('textbox', { name: 'Address of the link' }).inputValue();
		await button(page, 'Done').click();
		await choose(page, 'photo.jpg', 'Rename…');
		await page.getByRole('textbox', { name: 'Name' }).fill('sunset.jpg');
		await button(page, 'Rename').click();
		await entry(page, 'sunset.jpg').waitFor();

		const guest = await visitSite(browser, address);
		await guest.page.getByRole('heading', { level: 1, name: 'sunset.jpg' }).waitFor();
		const { name, content } = await downloadBy(guest.page, button(guest.page, 'Download'));
		expect([name, content.toString()]).toEqual(['sunset.jpg', 'bytes']);
		await guest.page.goto(`${product.site}/s#wrong`);
		await guest.page.getByText('This link does not work').waitFor();
	}, 90_000);
});

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from './support/browser.ts';
import { cleanUp } from './support/cleanup.ts';
import { startDevice } from './support/device.ts';
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
import { until } from './support/until.ts';

let product: Product;
let browser: Browser;
beforeAll(async () => {
	[product, browser] = await Promise.all([startProduct({ capacity: 1e12 }), openBrowser()]);
}, 60_000);
afterAll(cleanUp, 60_000);

const visit = () => visitSite(browser, product.site);
const versions = (page: Page) => page.getByRole('list', { name: 'Versions' }).getByRole('listitem');
const textOf = async (page: Page, name: string) => (await downloadBy(page, entry(page, name))).content.toString();

/** That nobody is signed in yet is the only thing that a first visit complains about. */
const expectNone = (problems: readonly string[]) =>
	expect(problems.filter((problem) => !problem.includes('401'))).toEqual([]);

async function openPage(page: Page, name: 'Files' | 'Deleted files'): Promise<void> {
	await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name, exact: true }).click();
}

describe('the website’s history', () => {
	it('shows the versions of a file, downloads an older one, and restores it', async () => {
		const { page, problems } = await visit();
		await signUp(page, 'ada');
		await upload(page, file('plan.txt', 'first'));
		await entry(page, 'plan.txt').waitFor();
		await choose(page, 'plan.txt', 'Versions…');
		await page.getByText('This is the only version so far').waitFor();
		await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();

		await upload(page, file('plan.txt', 'the second'));
		await button(page, 'Replace').click();
		await page.getByRole('cell', { name: '10 bytes' }).waitFor();
		await choose(page, 'plan.txt', 'Versions…');
		await versions(page).nth(1).waitFor();
		expect(await versions(page).allInnerTexts()).toEqual([
			expect.stringMatching(/Today.*on the website · 10 bytes.*Current/is),
			expect.stringMatching(/Today.*on the website · 5 bytes.*Download.*Restore/is),
		]);
		const older = await downloadBy(page, page.getByRole('button', { name: /^Download the version of/ }));
		expect([older.name, older.content.toString()]).toEqual(['plan.txt', 'first']);

		await page.getByRole('button', { name: /^Restore the version of/ }).click();
		await page.getByText('Restored “plan.txt” as it was on').waitFor();
		await page.getByRole('dialog').waitFor({ state: 'detached' });
		await page.getByRole('cell', { name: '5 bytes' }).waitFor();
		expect(await textOf(page, 'plan.txt')).toBe('first');
		await choose(page, 'plan.txt', 'Versions…');
		await versions(page).nth(2).waitFor();
		expect(await versions(page).filter({ hasText: '10 bytes' }).getByRole('button').count()).toBe(2);
		expectNone(problems);
	}, 90_000);

	it('brings a deleted folder back with what was in it, at once or later', async () => {
		const { page, problems } = await visit();
		await signUp(page, 'grace');
		await openPage(page, 'Deleted files');
		await page.getByText('Nothing has been deleted lately').waitFor();
		await openPage(page, 'Files');
		await createFolder(page, 'Plans');
		await entry(page, 'Plans').click();
		await page.getByText('This folder is empty').waitFor();
		await upload(page, file('a.txt', 'in the folder'));
		await entry(page, 'a.txt').waitFor();

		await openPage(page, 'Files');
		await remove(page, 'Plans');
		await button(page, 'Undo: Deleted “Plans”.').click();
		await page.getByText('“Plans” is back in Files with 1 thing in it.').waitFor();
		await entry(page, 'Plans').waitFor();

		await remove(page, 'Plans');
		await openPage(page, 'Deleted files');
		await page.getByText('What was deleted with it comes back, too.').waitFor();
		await button(page, 'Restore Plans').click();
		await page.getByText('Nothing has been deleted lately').waitFor();
		await openPage(page, 'Files');
		await entry(page, 'Plans').click();
		expect(await textOf(page, 'a.txt')).toBe('in the folder');

		await remove(page, 'a.txt');
		await button(page, 'Undo: Deleted “a.txt”.').click();
		await page.getByText('“a.txt” is back in “Plans”.').waitFor();
		expect(await textOf(page, 'a.txt')).toBe('in the folder');
		expectNone(problems);
	}, 90_000);

	it('restores beside what has the name by now', async () => {
		const { page, problems } = await visit();
		await signUp(page, 'barbara');
		await upload(page, file('a.txt', 'old'));
		await entry(page, 'a.txt').waitFor();
		await remove(page, 'a.txt');
		await upload(page, file('a.txt', 'new'));
		await entry(page, 'a.txt').waitFor();

		await openPage(page, 'Deleted files');
		await button(page, 'Restore a.txt').click();
		await page.getByText('“a.txt” is back in Files as “a (2).txt”.').waitFor();
		await openPage(page, 'Files');
		expect(await textOf(page, 'a (2).txt')).toBe('old');
		expect(await textOf(page, 'a.txt')).toBe('new');
		expectNone(problems);
	}, 90_000);

	it('reaches the devices: a file as it was, and a folder that was deleted there', async () => {
		const { page } = await visit();
		await signUp(page, 'linus');
		const laptop = await startDevice('laptop', product, { username: 'linus', password: PASSWORD, token: '' });
		const plan = laptop.path('Plans', 'plan.txt');
		const becomes = (text: string) => until(`the plan is ${text}`, async () => (await readFile(plan, 'utf8')) === text);
		await mkdir(laptop.path('Plans'));
		await writeFile(plan, 'first');
		await laptop.upToDate();
		await writeFile(plan, 'the second');
		await laptop.upToDate();

		await entry(page, 'Plans').click();
		await choose(page, 'plan.txt', 'Versions…');
		await page.getByRole('button', { name: /^Restore the version of/ }).click();
		await page.getByText('Restored “plan.txt” as it was on').waitFor();
		await becomes('first');

		await rm(laptop.path('Plans'), { recursive: true });
		await laptop.upToDate();
		await openPage(page, 'Deleted files');
		await page.getByText('on laptop', { exact: true }).waitFor();
		await button(page, 'Restore Plans').click();
		await becomes('first');
	}, 90_000);
});

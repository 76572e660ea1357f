import { readFile } from 'node:fs/promises';
import type { Browser, Locator, Page } from 'playwright-core';
import { newVisitor } from './browser.ts';

export const PASSWORD = 'correct horse battery';

export const file = (name: string, content: string | Buffer) => ({
	name,
	mimeType: 'application/octet-stream',
	buffer: Buffer.from(content),
});
/** In a listing. */
export const entry = (page: Page, name: string): Locator => page.getByRole('link', { name, exact: true });
export const button = (page: Page, name: string): Locator => page.getByRole('button', { name, exact: true });

/** Somebody who has never been at this site, with everything that their browser complains about. */
export async function visit(browser: Browser, site: string): Promise<{ page: Page; problems: string[] }> {
	const { page, errors: problems } = await newVisitor(browser);
	page.on('console', (message) => {
		if (message.type() === 'error') problems.push(message.text());
	});
	await page.goto(site);
	return { page, problems };
}

export async function signUp(page: Page, username: string): Promise<void> {
	await page.getByRole('link', { name: 'Create an account' }).click();
	await page.getByLabel('Username').fill(username);
	await page.getByLabel('E-mail').fill(`${username}@example.org`);
	await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
	await button(page, 'Create account').click();
	const welcome = page.getByText('Your files will be here');
	const refusal = page.getByRole('alert').first();
	await welcome.or(refusal).first().waitFor();
	if (await refusal.isVisible()) throw new Error(`Signing up: ${await refusal.textContent()}`);
}

export async function upload(page: Page, ...files: ReturnType<typeof file>[]): Promise<void> {
	await page.getByLabel('Files to upload').setInputFiles(files);
}

export async function choose(page: Page, name: string, action: string): Promise<void> {
	await page.getByRole('button', { name: `More for ${name}`, exact: true }).click();
	await page.getByRole('menuitem', { name: action }).click();
}

export async function createFolder(page: Page, name: string): Promise<void> {
	await button(page, 'New folder').click();
	await page.getByRole('textbox', { name: 'Name' }).fill(name);
	await button(page, 'Create').click();
	await entry(page, name).waitFor();
}

export async function remove(page: Page, name: string): Promise<void> {
	await choose(page, name, 'Delete…');
	await button(page, 'Delete').click();
	await entry(page, name).waitFor({ state: 'detached' });
}

/** What is downloaded by a click there. */
export async function downloadBy(page: Page, place: Locator): Promise<{ name: string; content: Buffer }> {
	const [download] = await Promise.all([page.waitForEvent('download'), place.click()]);
	return { name: download.suggestedFilename(), content: await readFile(await download.path()) };
}

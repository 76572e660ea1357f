import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterwards } from './cleanup.ts';

const INSTALLED = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** A browser that keeps to itself: no sandbox, because containers have no user namespaces, and no calls home. */
const FLAGS = [
	'--no-sandbox',
	'--disable-gpu',
	'--disable-quic',
	'--no-first-run',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync',
];

/** A real Chromium without a window; closed after the test. */
export async function openBrowser(): Promise<Browser> {
	const candidates = [process.env.MYDROPBOX_TEST_CHROMIUM, ...INSTALLED, chromium.executablePath()];
	const executablePath = candidates.find((path) => path && existsSync(path));
	if (!executablePath) throw new Error('Chromium is not installed; `npm test` installs it, or says how.');
	const browser = await chromium.launch({ executablePath, args: FLAGS });
	afterwards(() => browser.close());
	return browser;
}

/** A page of a person who has never been here, with every error of the page collected. */
export async function newVisitor(
	browser: Browser,
	options: BrowserContextOptions = {},
): Promise<{ page: Page; errors: string[] }> {
	const context = await browser.newContext({ acceptDownloads: true, ...options });
	const page = await context.newPage();
	const errors: string[] = [];
	page.on('pageerror', (error) => errors.push(error.message));
	return { page, errors };
}

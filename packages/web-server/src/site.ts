import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { API_BASE } from '@mydropbox/protocol/web';
import type { AppOptions } from '@mydropbox/server-kit';
import express, { type Express, type Request } from 'express';

/**
 * Only the site's own files, and no script in a page. Styles in a page are how the component library sets its
 * variables; they can neither run nor, with everything else closed, send anything anywhere.
 */
const HEADERS = {
	contentSecurityPolicy: {
		useDefaults: false,
		directives: {
			defaultSrc: ["'none'"],
			scriptSrc: ["'self'"],
			styleSrc: ["'self'", "'unsafe-inline'"],
			imgSrc: ["'self'", 'data:'],
			connectSrc: ["'self'"],
			fontSrc: ["'self'"],
			formAction: ["'self'"],
			baseUri: ["'none'"],
			frameAncestors: ["'none'"],
		},
	},
	referrerPolicy: { policy: 'same-origin' as const },
	xFrameOptions: { action: 'deny' as const },
	// HTTPS, and so HSTS, is the business of a proxy in front.
	strictTransportSecurity: false,
};

const NOT_BUILT = `<!doctype html><meta charset="utf-8"><title>MyDropbox</title>
<p>The website has not been built yet. Run <code>npm run build -w packages/web-portal</code>, then load this page again.</p>
<p>The API and the devices work all the same.</p>`;

/** The website: its built files, and its one page for every other address. @param portal folder of the built files. */
export const site = (portal: string): NonNullable<AppOptions<unknown>['site']> => ({
	helmet: HEADERS,
	mount: (app: Express) => {
		// Their names have a hash of their content in them.
		app.use(
			'/assets',
			express.static(join(portal, 'assets'), { immutable: true, maxAge: '1y', index: false, redirect: false }),
		);
		app.use(express.static(portal, { index: false, redirect: false, maxAge: '1h' }));
		app.get('/{*address}', (request, reply, next) => {
			if (!isPage(request)) return next();
			reply.locals.route = 'page';
			const page = join(portal, 'index.html');
			reply.set('Cache-Control', 'no-cache');
			if (existsSync(page)) reply.sendFile(page, { cacheControl: false });
			else reply.status(503).type('html').send(NOT_BUILT);
		});
	},
});

/** What is missing below these is missing, and a page would only hide it. */
const isPage = ({ path }: Request): boolean =>
	![`${API_BASE}/`, '/assets/', '/.well-known/'].some((start) => path.startsWith(start));

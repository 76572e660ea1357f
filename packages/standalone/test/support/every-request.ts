import { randomBytes } from 'node:crypto';
import { ROUTES as DATA_ROUTES } from '@mydropbox/data-server';
import { ROUTES as ROUTE_ROUTES } from '@mydropbox/route-server';
import { API } from '@mydropbox/web-server';
import type { SyncingPerson } from './syncing-person.ts';

export type Server = 'web' | 'route' | 'data';

/** One request for what is somebody else's, as that person would send it. */
export interface Attempt {
	readonly query?: Record<string, string>;
	readonly body?: object;
	/** What comes back about the thief's own things, when the token is right: the request does not name a victim. */
	readonly ownAnswer?: number;
}

const newId = (): string => randomBytes(16).toString('hex');
const FORM = Symbol('multipart');
export const isForm = (body: object | undefined): boolean => body !== undefined && FORM in body;

/** Each endpoint that asks who is there, and how to reach for a victim's things at it. */
export const ATTEMPTS: Record<Server, Record<string, (victim: SyncingPerson) => Attempt>> = {
	web: {
		'get /api/v1/me': () => ({ ownAnswer: 200 }),
		'put /api/v1/me/password': () => ({ body: { current: 'not theirs', password: 'the thief’s own' } }),
		'get /api/v1/connect': () => ({ ownAnswer: 200 }),
		'get /api/v1/files': ({ file }) => ({ query: { path: `/${file.name}` } }),
		'get /api/v1/files/content': ({ file }) => ({ query: { path: `/${file.name}` } }),
		'delete /api/v1/files': ({ file }) => ({ query: { path: `/${file.name}` } }),
		'post /api/v1/files/move': ({ file }) => ({ body: { from: `/${file.name}`, to: '/mine' } }),
		'post /api/v1/files': () => ({ query: { path: '/' }, body: { [FORM]: true }, ownAnswer: 201 }),
		'get /api/v1/folders/archive': () => ({ query: { path: '/' }, ownAnswer: 200 }),
		'post /api/v1/folders': () => ({ body: { path: `/${newId()}` }, ownAnswer: 201 }),
		'get /api/v1/files/versions': ({ file }) => ({ query: { path: `/${file.name}` } }),
		'post /api/v1/files/versions/restore': ({ file }) => ({ body: { path: `/${file.name}`, version: 1 } }),
		'get /api/v1/trash': () => ({ ownAnswer: 200 }),
		'post /api/v1/trash/restore': ({ file }) => ({ body: { id: file.id } }),
		'get /api/v1/devices': () => ({ ownAnswer: 200 }),
		'delete /api/v1/devices': ({ device }) => ({ query: { id: device } }),
		'get /api/v1/links': () => ({ ownAnswer: 200 }),
		'post /api/v1/links': ({ file }) => ({ body: { path: `/${file.name}` } }),
		'delete /api/v1/links': ({ link }) => ({ query: { id: link } }),
		'get /api/v1/shared/files': ({ link }) => ({ query: { link } }),
		'get /api/v1/shared/files/content': ({ link }) => ({ query: { link } }),
		'get /api/v1/shared/folders/archive': ({ link }) => ({ query: { link } }),
		'delete /api/v1/session': () => ({ ownAnswer: 204 }),
	},
	route: {
		'get /v1/content': ({ namespace, file }) => ({ query: { namespace, path: `/${file.name}` } }),
		'post /v1/data-servers/heartbeat': () => ({ body: {} }),
		'post /v1/tokens': () => ({ ownAnswer: 200 }),
		'delete /v1/devices/self': () => ({ ownAnswer: 204 }),
	},
	data: {
		'post /v1/changes': ({ namespace }) => ({ body: { cursors: [{ namespace, epoch: null, rev: 0 }] } }),
		'post /v1/listing': ({ namespace }) => ({ body: { namespace, path: '/' } }),
		'post /v1/paths': ({ namespace, file }) => ({ body: { namespace, ids: [file.id] } }),
		'post /v1/usage': ({ namespace }) => ({ body: { namespace } }),
		'get /v1/content': ({ namespace, file }) => ({ query: { namespace, path: `/${file.name}` } }),
		'post /v1/versions': ({ namespace, file }) => ({ body: { namespace, id: file.id } }),
		'post /v1/trash': ({ namespace }) => ({ body: { namespace } }),
		'post /v1/trash/tree': ({ namespace, file }) => ({ body: { namespace, id: file.id } }),
		'post /v1/contents': ({ namespace, file }) => ({ body: { namespace, hashes: [file.content.hash] } }),
		'post /v1/blocks/missing': ({ namespace, blocks }) => ({ body: { namespace, hashes: blocks } }),
		'post /v1/blocks/get': ({ namespace, blocks }) => ({ body: { namespace, hashes: blocks } }),
		'put /v1/blocks': ({ namespace }) => ({ query: { namespace } }),
		'post /v1/arrivals': ({ namespace, file }) => ({
			body: {
				...{ namespace, arrival: newId(), node: file.id, parent: namespace, name: file.name },
				...{ size: 1, start: 0, blocks: [{ hash: file.content.hash, size: 1 }] },
			},
		}),
		'post /v1/commit': ({ namespace, epoch, file }) => ({
			body: { namespace, epoch, key: newId(), operations: [{ op: 'delete', id: file.id, base: file.rev }] },
		}),
	},
};

/** Endpoints of the servers that ask for a token, and are to be found above. */
export const guardedEndpoints = (): Record<Server, string[]> => ({
	web: namesOf(API.filter(({ path, method }) => !OPEN.includes(`${method} ${path}`))),
	route: namesOf(ROUTE_ROUTES.filter(({ authenticate }) => authenticate)),
	data: namesOf(DATA_ROUTES),
});

/** On the website everybody may see whether they may sign up, sign up, sign in, and open a link that they have. */
const OPEN = ['get /api/v1/sign-ups', 'post /api/v1/users', 'post /api/v1/session', 'post /api/v1/shared'];

const namesOf = (endpoints: readonly { method: string; path: string }[]): string[] =>
	endpoints.map(({ method, path }) => `${method} ${path}`).sort();

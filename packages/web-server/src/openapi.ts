import { ERROR_STATUS, ErrorBody, type ErrorCode } from '@mydropbox/protocol';
import { API_BASE } from '@mydropbox/protocol/web';
import { type Endpoint, endpoint } from '@mydropbox/server-kit';
import { z } from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi';
import { signedIn } from './auth/signed-in.ts';
import { visitor } from './auth/visitor.ts';
import type { WebContext } from './context.ts';

type WebEndpoint = Endpoint<WebContext>;

const ERRORS = z
	.object({
		error: ErrorBody.shape.error.extend({ code: z.enum(Object.keys(ERROR_STATUS) as [ErrorCode, ...ErrorCode[]]) }),
	})
	.meta({ id: 'Error', description: 'What is wrong, and what happens next.' });

const bytes = z.string().meta({ override: { type: 'string', format: 'binary' } });
const errorAnswer = { description: 'Refused.', content: { 'application/json': { schema: ERRORS } } };

const ZIP_ANSWER = {
	responses: {
		200: { description: 'The ZIP file.', content: { 'application/zip': { schema: bytes } } },
		default: errorAnswer,
	},
};
const FILE_ANSWER = {
	responses: {
		200: { description: 'The whole file.', content: { 'application/octet-stream': { schema: bytes } } },
		206: { description: 'The range that was asked for.', content: { 'application/octet-stream': { schema: bytes } } },
		304: { description: 'Not changed.' },
		default: errorAnswer,
	},
};

/** Bodies that are not JSON, by "method path"; everything else is read from the endpoints. */
const SPECIAL: Record<string, Partial<ZodOpenApiOperationObject>> = {
	[`post ${API_BASE}/files`]: {
		requestBody: { required: true, content: { 'multipart/form-data': { schema: z.object({ file: z.array(bytes) }) } } },
	},
	[`get ${API_BASE}/folders/archive`]: ZIP_ANSWER,
	[`get ${API_BASE}/shared/folders/archive`]: ZIP_ANSWER,
	[`get ${API_BASE}/files/content`]: FILE_ANSWER,
	[`get ${API_BASE}/shared/files/content`]: FILE_ANSWER,
};

/** The document is made of the very schemas that check requests and answers. */
function describeApi(endpoints: readonly WebEndpoint[]): ReturnType<typeof createDocument> {
	const paths: ZodOpenApiPathsObject = {};
	for (const described of endpoints) {
		const path = described.path.slice(API_BASE.length);
		paths[path] = { ...paths[path], [described.method]: operation(described) };
	}
	return createDocument({
		openapi: '3.1.1',
		info: {
			title: 'MyDropbox',
			version: '1',
			description: 'The API behind the website. Paths are UTF-8, "/" is the root folder.',
		},
		servers: [{ url: API_BASE }],
		paths,
		components: {
			securitySchemes: {
				token: {
					type: 'http',
					scheme: 'bearer',
					description: 'From POST /session; for what a link leads to, that of the link. Browsers have cookies instead.',
				},
			},
		},
	});
}

function operation({
	method,
	path,
	summary,
	query,
	body,
	response,
	status,
	authenticate,
}: WebEndpoint): ZodOpenApiOperationObject {
	const answer = response
		? { description: 'Done.', content: { 'application/json': { schema: response } } }
		: { description: 'Done.' };
	return {
		summary,
		...([signedIn, visitor].includes(authenticate as never) && { security: [{ token: [] }] }),
		...(query && { requestParams: { query: query as z.ZodObject } }),
		...(body && { requestBody: { required: true, content: { 'application/json': { schema: body } } } }),
		responses: { [status ?? (response ? 200 : 204)]: answer, default: errorAnswer },
		...SPECIAL[`${method} ${path}`],
	};
}

/** Serves the description of the others. */
export function openApiEndpoint(others: readonly WebEndpoint[]): WebEndpoint {
	const document = describeApi(others);
	return endpoint({
		method: 'get',
		path: `${API_BASE}/openapi.json`,
		summary: 'This description',
		handle: async ({ reply }, _context: WebContext) => {
			reply.json(document);
		},
	});
}

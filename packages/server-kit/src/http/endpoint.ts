import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { Logger } from '../log.ts';

/** What a handler knows about the request it answers. */
export interface Call<Body, Query, Caller> {
	/** Parsed and checked; undefined for an endpoint without a body schema, which reads `request` itself. */
	readonly body: Body;
	readonly query: Query;
	/** What `authenticate` returned. */
	readonly caller: Caller;
	readonly request: Request;
	readonly reply: Response;
	readonly log: Logger;
	/** Fires when the client went away before the answer was complete. */
	readonly gone: AbortSignal;
	/** Fires when the server stops: a handler that waits for something answers with what it has. */
	readonly stopping: AbortSignal;
}

type Parsed<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;
// biome-ignore lint/suspicious/noConfusingVoidType: it is a return type, of handlers that answer by themselves
type Answer<Schema> = Schema extends z.ZodType ? z.input<Schema> : void;

/** One method on one path: schemas that check and document it, and the story of the request. */
export interface EndpointDefinition<
	Context,
	Caller,
	BodySchema extends z.ZodType | undefined,
	QuerySchema extends z.ZodType | undefined,
	ResponseSchema extends z.ZodType | undefined,
> {
	readonly method: 'get' | 'post' | 'put' | 'delete';
	readonly path: string;
	/** For the documentation. */
	readonly summary: string;
	readonly body?: BodySchema;
	/** Bytes of JSON that are read; the protocol's limit when not said. Small where strangers may send. */
	readonly bodyLimit?: number;
	readonly query?: QuerySchema;
	/** Left out when `handle` writes to `reply` itself. When it wrote nothing, the answer is 204. */
	readonly response?: ResponseSchema;
	/** Status of the answer; 200 when not said. */
	readonly status?: number;
	/** Runs before the body is read, and refuses by throwing. */
	readonly authenticate?: (request: Request, context: Context) => Caller | Promise<Caller>;
	readonly handle: (
		call: Call<Parsed<BodySchema>, Parsed<QuerySchema>, Caller>,
		context: Context,
	) => Promise<Answer<ResponseSchema>>;
}

/** An endpoint whose exact types were checked when it was defined. */
export type Endpoint<Context> = EndpointDefinition<
	Context,
	unknown,
	z.ZodType | undefined,
	z.ZodType | undefined,
	z.ZodType | undefined
>;

/** @example export const signUp = endpoint({ method: 'post', …, handle: async ({ body }, context: Context) => … }) */
export function endpoint<
	Context,
	Caller = undefined,
	BodySchema extends z.ZodType | undefined = undefined,
	QuerySchema extends z.ZodType | undefined = undefined,
	ResponseSchema extends z.ZodType | undefined = undefined,
>(definition: EndpointDefinition<Context, Caller, BodySchema, QuerySchema, ResponseSchema>): Endpoint<Context> {
	return definition as unknown as Endpoint<Context>;
}

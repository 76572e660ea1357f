import {
	ApiError,
	ERROR_STATUS,
	ErrorBody,
	type ErrorCode,
	PROTOCOL_VERSION,
	VERSION_HEADER,
} from '@mydropbox/protocol';
import { Agent, type Dispatcher, request } from 'undici';
import { codeForStatus, errorCode, ServerUnreachable, UnexpectedAnswer } from './errors.ts';
import type { CallOptions } from './port.ts';

/** The part of a zod schema that is needed here. */
interface Schema<T> {
	safeParse(value: unknown): { success: true; data: T } | { success: false; error: { message: string } };
}

export interface Call extends CallOptions {
	readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
	readonly path: string;
	readonly query?: Record<string, string | undefined>;
	readonly token?: string | undefined;
	/** Sent as JSON. */
	readonly json?: unknown;
	readonly body?: Dispatcher.RequestOptions['body'];
	readonly headers?: Record<string, string>;
	/** Milliseconds that the server may think before it answers. */
	readonly patience?: number;
}

export type Answer = Dispatcher.ResponseData;

const CONNECT_TIMEOUT_MS = 5_000;
const ANSWER_TIMEOUT_MS = 30_000;
/** Between two pieces of a body. */
const BODY_TIMEOUT_MS = 30_000;

/** Idle connections are kept as long as the server's keep-alive hint allows, so that a burst of small requests pays for one handshake. */
export const createAgent = (): Agent =>
	new Agent({ connect: { timeout: CONNECT_TIMEOUT_MS }, bodyTimeout: BODY_TIMEOUT_MS, keepAliveTimeout: 30_000 });

const sharedAgent = createAgent();

/** Requests to one origin, with every failure turned into one of the port's errors. */
export class Http {
	readonly origin: string;
	readonly #agent: Dispatcher;

	constructor(origin: string, agent: Dispatcher = sharedAgent) {
		this.origin = new URL(origin).origin;
		this.#agent = agent;
	}

	/** The answer's body as JSON that fits the schema. */
	async json<T>(schema: Schema<T>, call: Call): Promise<T> {
		return this.read(schema, call, await this.send(call));
	}

	read<T>(schema: Schema<T>, call: Call, { body, headers }: Answer): Promise<T> {
		return this.guard(call, async () => {
			const text = await body.text();
			let value: unknown;
			try {
				value = JSON.parse(text);
			} catch (cause) {
				throw new UnexpectedAnswer(this.origin, `${call.path}: not JSON`, { cause });
			}
			const parsed = schema.safeParse(value);
			if (parsed.success) return parsed.data;
			if (Number(headers[VERSION_HEADER]) > PROTOCOL_VERSION) throw serverIsNewer(headers[VERSION_HEADER]);
			throw new UnexpectedAnswer(this.origin, `${call.path}: not of the form that protocol ${PROTOCOL_VERSION} says`, {
				cause: parsed.error,
			});
		});
	}

	/** For requests whose answer says no more than that it worked. */
	async done(call: Call): Promise<void> {
		const { body } = await this.send(call);
		await this.guard(call, () => body.dump());
	}

	/** @param accepted statuses besides 2xx that the caller deals with itself. */
	async send(call: Call, accepted: readonly number[] = []): Promise<Answer> {
		return this.guard(call, async () => {
			const answer = await request(this.origin + call.path, {
				dispatcher: this.#agent,
				method: call.method,
				query: call.query ?? {},
				headers: headersOf(call),
				body: call.json === undefined ? (call.body ?? null) : JSON.stringify(call.json),
				headersTimeout: call.patience ?? ANSWER_TIMEOUT_MS,
				signal: call.signal ?? null,
			});
			const isFine = (answer.statusCode >= 200 && answer.statusCode < 300) || accepted.includes(answer.statusCode);
			if (!isFine) throw await this.#refusal(answer);
			return answer;
		});
	}

	/** Also for what is done later with an answer's body. */
	async guard<T>(call: CallOptions, run: () => Promise<T>): Promise<T> {
		try {
			return await run();
		} catch (error) {
			throw this.translate(call, error);
		}
	}

	translate({ signal }: CallOptions, error: unknown): unknown {
		if (signal?.aborted) return signal.reason;
		if (error instanceof ApiError || error instanceof UnexpectedAnswer || error instanceof ServerUnreachable)
			return error;
		const code = errorCode(error);
		const isNetwork = code !== undefined && !code.startsWith('ERR_') && code !== 'UND_ERR_INVALID_ARG';
		return isNetwork ? new ServerUnreachable(this.origin, error) : error;
	}

	async #refusal({ statusCode, statusText, headers, body }: Answer): Promise<Error> {
		const text = await body.text();
		const retryAfter = Number(headers['retry-after']);
		const options = Number.isFinite(retryAfter) ? { retryAfter } : {};
		const said = parseError(text);
		if (!said) {
			const status = `${statusCode} ${statusText}`.trim();
			const message = `${this.origin} answered "${status}" without saying why. Check that this is the address of a MyDropbox server.`;
			return new ApiError(codeForStatus(statusCode), message, options);
		}
		const code = isKnown(said.code) ? said.code : codeForStatus(statusCode);
		return new ApiError(code, said.message, options);
	}
}

/** A newer server speaks as we do; where it does not, nothing is guessed. */
const serverIsNewer = (theirs: unknown): ApiError =>
	new ApiError(
		'protocol-version',
		`The server speaks version ${theirs} of the protocol and said something that this version (${PROTOCOL_VERSION}) does not understand. Update MyDropbox on this device.`,
	);

function headersOf({ token, json, headers }: Call): Record<string, string> {
	return {
		[VERSION_HEADER]: String(PROTOCOL_VERSION),
		...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
		...(json === undefined ? {} : { 'content-type': 'application/json' }),
		...headers,
	};
}

function parseError(text: string): ErrorBody['error'] | undefined {
	try {
		return ErrorBody.parse(JSON.parse(text)).error;
	} catch {
		return undefined;
	}
}

const isKnown = (code: string): code is ErrorCode => Object.hasOwn(ERROR_STATUS, code);

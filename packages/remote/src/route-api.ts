import {
	type ContentQuery,
	Discovery,
	type SignInRequest,
	SignInResponse,
	type SignUpRequest,
	TokensResponse,
} from '@mydropbox/protocol';
import type { Dispatcher } from 'undici';
import { type ContentAnswer, type ContentOptions, openContent } from './content.ts';
import { Http } from './http.ts';
import type { CallOptions } from './port.ts';

export interface Discovered {
	readonly protocol: number;
	/** Origins. */
	readonly routeServer: string;
	readonly webServer: string;
	/** What the server's clock said when it answered; undefined when it did not say. */
	readonly time: Date | undefined;
}

/** The route-server. Nothing here is repeated by itself: signing up or in twice is not the same as once. */
export class RouteApi {
	readonly #http: Http;

	constructor(origin: string, options: { agent?: Dispatcher } = {}) {
		this.#http = new Http(origin, options.agent);
	}

	get origin(): string {
		return this.#http.origin;
	}

	/** May also be asked of a website: it tells where its route-server is. */
	async discover({ signal }: CallOptions = {}): Promise<Discovered> {
		const call = { method: 'GET', path: '/.well-known/mydropbox', signal } as const;
		const answer = await this.#http.send(call);
		const found = await this.#http.read(Discovery, call, answer);
		const time = new Date(String(answer.headers.date));
		return {
			protocol: found.protocol,
			routeServer: found.routeServer ?? this.origin,
			webServer: found.webServer ?? this.origin,
			time: Number.isNaN(time.getTime()) ? undefined : time,
		};
	}

	async signUp(account: SignUpRequest, { signal }: CallOptions = {}): Promise<void> {
		await this.#http.done({ method: 'POST', path: '/v1/users', json: account, signal });
	}

	signIn(device: SignInRequest, { signal }: CallOptions = {}): Promise<SignInResponse> {
		return this.#http.json(SignInResponse, { method: 'POST', path: '/v1/devices', json: device, signal });
	}

	/** Ends what `signIn` began: the refresh token opens nothing from then on. */
	async signOut(refreshToken: string, { signal }: CallOptions = {}): Promise<void> {
		await this.#http.done({ method: 'DELETE', path: '/v1/devices/self', token: refreshToken, signal });
	}

	tokens(refreshToken: string, { signal }: CallOptions = {}): Promise<TokensResponse> {
		return this.#http.json(TokensResponse, { method: 'POST', path: '/v1/tokens', token: refreshToken, signal });
	}

	content(query: ContentQuery, options: ContentOptions): Promise<ContentAnswer> {
		return openContent(this.#http, query, options);
	}
}

import { ApiError, type NamespaceId } from '@mydropbox/protocol';
import { DataApi, ServerUnreachable, UnexpectedAnswer } from '@mydropbox/remote';

/** A short-lived token and where it opens something. */
export interface Grant {
	readonly namespace: NamespaceId;
	/** Origin at which this server reaches the data server. */
	readonly url: string;
	readonly token: string;
}

/** An upload may outlive its first token. */
const RENEW_AFTER_MS = 10 * 60_000;

/** One person's files, or what a link leads to, on the data server that keeps them. */
export class Access {
	readonly #grant: () => Promise<Grant>;
	#held: { grant: Grant; api: DataApi; since: number } | undefined;

	/** @param grant issues a fresh one each time. */
	constructor(grant: () => Promise<Grant>) {
		this.#grant = grant;
	}

	/** @throws ApiError also when the data server is down; never one that says that the person is not signed in. */
	async ask<T>(work: (api: DataApi, namespace: NamespaceId) => Promise<T>): Promise<T> {
		const { grant, api } = await this.#current();
		return speakingPlainly('The server that keeps your files', () => work(api, grant.namespace));
	}

	async grant(): Promise<Grant> {
		return (await this.#current()).grant;
	}

	async #current() {
		if (!this.#held || performance.now() - this.#held.since > RENEW_AFTER_MS) {
			const grant = await this.#grant();
			this.#held = { grant, api: new DataApi(grant.url, { token: grant.token }), since: performance.now() };
		}
		return this.#held;
	}
}

/** Turns what went wrong between servers into what the person can make use of. @param asked begins the sentence. */
export async function speakingPlainly<T>(asked: string, work: () => Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (error) {
		if (error instanceof ServerUnreachable) {
			throw new ApiError(
				'data-server-unavailable',
				`${asked} cannot be reached right now. Nothing is lost, and this works again as soon as it is back.`,
				{ cause: error, retryAfter: 5 },
			);
		}
		const mistrusted = error instanceof ApiError && (error.status === 401 || error.status === 403);
		if (mistrusted || error instanceof UnexpectedAnswer) {
			throw new ApiError(
				'upstream-failed',
				'The servers of this MyDropbox do not understand each other right now. Try again in a minute; if it stays, tell whoever runs it.',
				{ cause: error },
			);
		}
		throw error;
	}
}

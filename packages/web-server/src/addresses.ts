import type { Request } from 'express';

interface AddressOptions {
	/** Where this server reaches the route-server. */
	readonly routeUrl: string;
	/** Where devices reach it; when not said: the host by which they reached the website, with the port of `routeUrl`. */
	readonly routePublicUrl?: string | undefined;
	/** Where people reach the website; when not said: what their request says. */
	readonly publicUrl?: string | undefined;
}

/** What this MyDropbox is called from outside. */
export class Addresses {
	readonly #options: AddressOptions;

	constructor(options: AddressOptions) {
		this.#options = options;
	}

	website(request: Request): string {
		return this.#options.publicUrl ?? `${request.protocol}://${request.host}`;
	}

	routeServer(request: Request): string {
		const { routePublicUrl, routeUrl } = this.#options;
		if (routePublicUrl) return routePublicUrl;
		const url = new URL(routeUrl);
		url.hostname = request.hostname;
		return url.origin;
	}
}

import { StartupError } from '@mydropbox/server-kit';

export interface BucketAddress {
	readonly bucket: string;
	/** With a slash at its end, unless it is empty. */
	readonly prefix: string;
	readonly endpoint: string | null;
	readonly region: string | null;
}

/** @throws StartupError that repeats nothing of an address that has more than `s3://BUCKET/PREFIX?endpoint=URL&region=NAME`. */
export function parseBucketAddress(address: string): BucketAddress {
	const { bucket, path, more, endpoint, region } = partsOf(address);
	if (bucket === '' || more || path === undefined) {
		throw new StartupError(
			'The address of the blocks does not name a bucket as in s3://BUCKET/PREFIX?endpoint=URL&region=NAME. It has no other parts; keys come from the environment.',
			{ exitCode: 2 },
		);
	}
	const prefix = path.replace(/^\/+|\/+$/g, '');
	return { bucket, prefix: prefix === '' ? '' : `${prefix}/`, endpoint, region };
}

function partsOf(address: string) {
	const url = URL.parse(address);
	const { hostname: bucket = '', searchParams = new URLSearchParams() } = url ?? {};
	const endpoint = searchParams.get('endpoint');
	const toEndpoint = endpoint === null ? undefined : URL.parse(endpoint);
	const isOther = [...searchParams.keys()].some((name) => name !== 'endpoint' && name !== 'region');
	const hasMore =
		isOther || toEndpoint === null || [url, toEndpoint].some((at) => at && at.username + at.password !== '');
	return {
		bucket,
		path: decoded(url?.pathname ?? ''),
		/** What would be left out without a word: a secret, or half of a prefix. */
		more: hasMore || (url?.hash ?? '') !== '',
		endpoint,
		region: searchParams.get('region'),
	};
}

function decoded(path: string): string | undefined {
	try {
		return decodeURIComponent(path);
	} catch {
		return undefined;
	}
}

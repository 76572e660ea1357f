import { Readable } from 'node:stream';
import {
	DeleteObjectCommand,
	GetObjectCommand,
	type GetObjectCommandOutput,
	HeadBucketCommand,
	HeadObjectCommand,
	PutObjectCommand,
	paginateListObjectsV2,
	S3Client,
	S3ServiceException,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { ApiError, type DataServerId, UserId } from '@mydropbox/protocol';
import { StartupError } from '@mydropbox/server-kit';
import { SegmentId, type SegmentKey, SegmentLost, type SegmentStorage } from './segment-storage.ts';

const SEGMENT = '.segment';
/** Says whose segments these are. */
const OWNER = '.server/owner';
/** A longer segment goes in several parts, two at once; none of them shows before the last has come. */
const PART_BYTES = 8 * 1024 * 1024;
const PARTS_AT_ONCE = 2;
/** Connections at once; whoever comes later waits for one, which counts as connecting. */
const CONNECTIONS = 200;
const CONNECT_TIMEOUT_MS = 15_000;
/** Without anything on the line. */
const SILENCE_TIMEOUT_MS = 30_000;

/** Who opens a bucket. */
export interface BucketOwner {
	/** Drawn once for each directory of state, and so another one where two servers have the same name. */
	readonly store: string;
	/** As people call it; undefined: it is not running, and only looked after. */
	readonly server: DataServerId | undefined;
}

/** Segments as objects: `<prefix><owner>/<segment>.segment`, in Amazon's S3 or whatever else speaks its protocol. */
export class S3Bucket implements SegmentStorage {
	readonly #client: S3Client;
	readonly #bucket: string;
	readonly #prefix: string;

	private constructor(client: S3Client, bucket: string, prefix: string) {
		this.#client = client;
		this.#bucket = bucket;
		this.#prefix = prefix;
	}

	/**
	 * @param address `s3://BUCKET/PREFIX?endpoint=URL&region=NAME`; prefix, endpoint and region may be left out. Who asks, and
	 * what is left out, is found as Amazon's own tools find it: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`,
	 * `~/.aws`, or what the machine it runs on may do.
	 * @param owner whose segments these are to be.
	 * @throws StartupError when the bucket cannot be used, or what is under the prefix is somebody else's.
	 */
	static async open(address: string, owner: BucketOwner): Promise<S3Bucket> {
		const { bucket, prefix, endpoint, region } = parse(address);
		const client = new S3Client({
			...(endpoint ? { endpoint, forcePathStyle: true } : {}),
			...(region ? { region } : {}),
			// Not everybody who speaks the protocol knows the newer checksums; blocks have their own.
			requestChecksumCalculation: 'WHEN_REQUIRED',
			responseChecksumValidation: 'WHEN_REQUIRED',
			requestHandler: {
				connectionTimeout: CONNECT_TIMEOUT_MS,
				socketTimeout: SILENCE_TIMEOUT_MS,
				httpAgent: { maxSockets: CONNECTIONS },
				httpsAgent: { maxSockets: CONNECTIONS },
			},
		});
		const storage = new S3Bucket(client, bucket, prefix);
		try {
			await client.send(new HeadBucketCommand({ Bucket: bucket }));
			await storage.#claim(owner);
		} catch (error) {
			if (error instanceof StartupError) throw error;
			throw new StartupError(
				`The bucket ${bucket} cannot be used (${reasonOf(error)}). Check its name, its endpoint and region, and who may use it; nothing was changed.`,
				{ cause: error },
			);
		}
		return storage;
	}

	/** Of two servers with the same prefix, each would collect what only the other one knows. */
	async #claim({ store, server }: BucketOwner): Promise<void> {
		if ((await this.#ownerOf()) === undefined && server !== undefined)
			await this.#client.send(new PutObjectCommand({ ...this.#at(OWNER), Body: `${server} ${store}` }));
		const there = await this.#ownerOf();
		if (there === undefined || there.endsWith(` ${store}`)) return;
		throw new StartupError(
			`What is in the bucket ${this.#bucket} under "${this.#prefix}" belongs to another data server (${there.split(' ')[0]}). Choose another prefix; nothing was changed. If it is this server's, and only its --state directory is new, make sure that no other one runs, delete the object ${this.#prefix}${OWNER}, and start it again.`,
		);
	}

	async #ownerOf(): Promise<string | undefined> {
		try {
			const { Body } = await this.#client.send(new GetObjectCommand(this.#at(OWNER)));
			return await Body!.transformToString();
		} catch (error) {
			if (isLost(error)) return undefined;
			throw error;
		}
	}

	async write(key: SegmentKey, pieces: AsyncIterable<Uint8Array>): Promise<number> {
		let bytes = 0;
		const counted = async function* () {
			for await (const piece of pieces) {
				bytes += piece.length;
				yield piece;
			}
		};
		const Body = Readable.from(counted(), { objectMode: false });
		const params = { ...this.#segment(key), Body };
		const upload = new Upload({ client: this.#client, params, partSize: PART_BYTES, queueSize: PARTS_AT_ONCE });
		await reached(() => upload.done());
		return bytes;
	}

	async read(key: SegmentKey, offset: number, length: number): Promise<Buffer> {
		const Range = `bytes=${offset}-${offset + length - 1}`;
		const ended = () => new SegmentLost(key, `ends before byte ${offset + length}`);
		let answer: GetObjectCommandOutput;
		try {
			answer = await reached(() => this.#client.send(new GetObjectCommand({ ...this.#segment(key), Range })));
		} catch (error) {
			if (isLost(error)) throw new SegmentLost(key, 'is not there', { cause: error });
			throw isBeyondEnd(error) ? ended() : error;
		}
		const { buffer, byteOffset, byteLength } = await answer.Body!.transformToByteArray().catch((cause) => {
			throw away(cause);
		});
		if (byteLength === length) return Buffer.from(buffer, byteOffset, byteLength);
		// It ends there only if whoever answers says how long it is; anything else is no answer of a bucket.
		const [, whole] = /\/(\d+)$/.exec(answer.ContentRange ?? '') ?? [];
		throw whole !== undefined && Number(whole) < offset + length ? ended() : away(new Error(`not ${Range}`));
	}

	async *list(): AsyncGenerator<SegmentKey> {
		const where = { Bucket: this.#bucket, Prefix: this.#prefix };
		for await (const { Contents = [] } of paginateListObjectsV2({ client: this.#client }, where)) {
			for (const { Key = '' } of Contents) {
				const [folder, name = '', ...below] = Key.slice(this.#prefix.length).split('/');
				const owner = UserId.safeParse(folder);
				const segment = SegmentId.safeParse(name.slice(0, -SEGMENT.length));
				const isSegment = name.endsWith(SEGMENT) && below.length === 0;
				if (isSegment && owner.success && segment.success) yield { owner: owner.data, segment: segment.data };
			}
		}
	}

	async delete(key: SegmentKey): Promise<void> {
		try {
			await reached(() => this.#client.send(new DeleteObjectCommand(this.#segment(key))));
		} catch (error) {
			if (!isLost(error)) throw error;
		}
	}

	async stat(key: SegmentKey): Promise<{ bytes: number; writtenAt: Date } | undefined> {
		try {
			const head = await this.#client.send(new HeadObjectCommand(this.#segment(key)));
			return { bytes: head.ContentLength!, writtenAt: head.LastModified! };
		} catch (error) {
			if (statusOf(error) !== 404) throw told(error);
			// An answer without a body does not say what it is that is not there.
			if (await this.#isLost(key)) return undefined;
			throw away(error);
		}
	}

	async #isLost(key: SegmentKey): Promise<boolean> {
		try {
			await this.read(key, 0, 1);
			return false;
		} catch (error) {
			if (error instanceof SegmentLost) return true;
			throw error;
		}
	}

	#segment({ owner, segment }: SegmentKey): { Bucket: string; Key: string } {
		return this.#at(`${owner}/${segment}${SEGMENT}`);
	}

	#at(name: string): { Bucket: string; Key: string } {
		return { Bucket: this.#bucket, Key: this.#prefix + name };
	}
}

function parse(address: string): { bucket: string; prefix: string; endpoint: string | null; region: string | null } {
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

/** What it has answered; undefined when it has not. */
const statusOf = (error: unknown): number | undefined =>
	error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
/** The store itself says so. Another 404 comes from whatever stands before it, or is about the bucket. */
const isLost = (error: unknown): boolean => statusOf(error) === 404 && (error as Error).name === 'NoSuchKey';
const isBeyondEnd = (error: unknown): boolean => statusOf(error) === 416;
const isFull = (error: unknown): boolean =>
	statusOf(error) === 507 || ['QuotaExceeded', 'XMinioStorageFull'].includes((error as Error).name);
/**
 * After some attempts it has not answered, says that it cannot for now, or what has answered is no store. What has never been
 * asked of it has no `$metadata`.
 */
function isAway(error: unknown): boolean {
	if (typeof error !== 'object' || error === null || !('$metadata' in error)) return false;
	const status = statusOf(error) ?? 500;
	const isNoStore = status === 404 && !isLost(error);
	return status >= 500 || status === 429 || isNoStore || (error as unknown as Error).name === 'RequestTimeout';
}

function reasonOf(error: unknown): string {
	if (statusOf(error) === 404) return 'there is none of this name';
	if (statusOf(error) === 403) return 'access was refused';
	return (error as Error).message || (error as Error).name;
}

/** @throws what `ask` does, as `told`. */
async function reached<T>(ask: () => Promise<T>): Promise<T> {
	try {
		return await ask();
	} catch (error) {
		throw told(error);
	}
}

/** What the store cannot do now becomes what a person is told. */
function told(error: unknown): unknown {
	if (isFull(error)) return new ApiError('disk-full', STORAGE_FULL, { cause: error, retryAfter: 60 });
	return isAway(error) ? away(error) : error;
}

const away = (cause: unknown): ApiError => new ApiError('not-ready', STORAGE_AWAY, { cause, retryAfter: 5 });

const STORAGE_FULL =
	"The server's storage is full; nothing of this upload was kept. Its administrator has to make room.";
const STORAGE_AWAY =
	"The server cannot reach its storage; nothing was changed. It works again when that is back; its administrator can see why in the server's log.";

import { Readable } from 'node:stream';
import {
	DeleteObjectCommand,
	GetObjectCommand,
	HeadBucketCommand,
	HeadObjectCommand,
	PutObjectCommand,
	paginateListObjectsV2,
	S3Client,
	S3ServiceException,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { ApiError, UserId } from '@mydropbox/protocol';
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
	 * @throws StartupError when the bucket cannot be used.
	 */
	static async open(address: string): Promise<S3Bucket> {
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
		try {
			await client.send(new HeadBucketCommand({ Bucket: bucket }));
		} catch (error) {
			throw new StartupError(
				`The bucket of ${address} cannot be used (${reasonOf(error)}). Check its name, its endpoint and region, and who may use it; nothing was changed.`,
				{ cause: error },
			);
		}
		return new S3Bucket(client, bucket, prefix);
	}

	/**
	 * Of two servers with the same prefix, each would collect what only the other one knows.
	 * @throws StartupError when the prefix is another server's.
	 */
	async claim(owner: string): Promise<void> {
		const there = await this.#ownerOf();
		if (there === owner) return;
		if (there !== undefined) {
			throw new StartupError(
				`What is in the bucket under "${this.#prefix}" belongs to the data server ${there}, and this is ${owner}. Choose another prefix; nothing was changed.`,
			);
		}
		await this.#client.send(new PutObjectCommand({ ...this.#at(OWNER), Body: owner, ContentType: 'text/plain' }));
	}

	async #ownerOf(): Promise<string | undefined> {
		try {
			const { Body } = await this.#client.send(new GetObjectCommand(this.#at(OWNER)));
			return await Body!.transformToString();
		} catch (error) {
			if (isAbsent(error)) return undefined;
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
		try {
			const whole = async () => {
				const { Body } = await this.#client.send(new GetObjectCommand({ ...this.#segment(key), Range }));
				return Body!.transformToByteArray();
			};
			const { buffer, byteOffset, byteLength } = await reached(whole);
			const bytes = Buffer.from(buffer, byteOffset, byteLength);
			if (bytes.length === length) return bytes;
		} catch (error) {
			if (isAbsent(error)) throw new SegmentLost(key, 'is not there', { cause: error });
			if (!isBeyondEnd(error)) throw error;
		}
		throw new SegmentLost(key, `ends before byte ${offset + length}`);
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
			if (!isAbsent(error)) throw error;
		}
	}

	async stat(key: SegmentKey): Promise<{ bytes: number; writtenAt: Date } | undefined> {
		try {
			const head = await reached(() => this.#client.send(new HeadObjectCommand(this.#segment(key))));
			return { bytes: head.ContentLength!, writtenAt: head.LastModified! };
		} catch (error) {
			if (isAbsent(error)) return undefined;
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
	const { hostname, pathname, searchParams } = new URL(address);
	const unknown = [...searchParams.keys()].find((name) => name !== 'endpoint' && name !== 'region');
	if (hostname === '' || unknown !== undefined) {
		throw new StartupError(
			`${address} does not name a bucket as in s3://BUCKET/PREFIX?endpoint=URL&region=NAME${unknown ? `: there is no ${unknown}` : ''}.`,
			{ exitCode: 2 },
		);
	}
	const prefix = decodeURIComponent(pathname).replace(/^\/+|\/+$/g, '');
	return {
		bucket: hostname,
		prefix: prefix === '' ? '' : `${prefix}/`,
		endpoint: searchParams.get('endpoint'),
		region: searchParams.get('region'),
	};
}

/** What it has answered; undefined when it has not. */
const statusOf = (error: unknown): number | undefined =>
	error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
/** Of a bucket that is gone nobody knows what was in it. */
const isAbsent = (error: unknown): boolean => statusOf(error) === 404 && (error as Error).name !== 'NoSuchBucket';
const isBeyondEnd = (error: unknown): boolean => statusOf(error) === 416;
/** After some attempts it has not answered, or says that it cannot for now. What has never been asked of it has no `$metadata`. */
const isAway = (error: unknown): boolean =>
	typeof error === 'object' && error !== null && '$metadata' in error && (statusOf(error) ?? 500) >= 500;
const isFull = (error: unknown): boolean =>
	statusOf(error) === 507 || ['QuotaExceeded', 'XMinioStorageFull'].includes((error as Error).name);

function reasonOf(error: unknown): string {
	if (statusOf(error) === 404) return 'there is none of this name';
	if (statusOf(error) === 403) return 'access was refused';
	return (error as Error).message || (error as Error).name;
}

/** What the store cannot do now becomes what a person is told. @throws what `ask` does otherwise. */
async function reached<T>(ask: () => Promise<T>): Promise<T> {
	try {
		return await ask();
	} catch (error) {
		if (isFull(error)) throw new ApiError('disk-full', STORAGE_FULL, { cause: error, retryAfter: 60 });
		if (isAway(error)) throw new ApiError('not-ready', STORAGE_AWAY, { cause: error, retryAfter: 5 });
		throw error;
	}
}

const STORAGE_FULL =
	"The server's storage is full; nothing of this upload was kept. Its administrator has to make room.";
const STORAGE_AWAY =
	"The server cannot reach its storage; nothing was changed. It works again when that is back; its administrator can see why in the server's log.";

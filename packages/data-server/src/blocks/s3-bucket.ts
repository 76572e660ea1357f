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
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { type DataServerId, UserId } from '@mydropbox/protocol';
import { StartupError } from '@mydropbox/server-kit';
import { parseBucketAddress } from './bucket-address.ts';
import { away, isBeyondEnd, isLost, reached, reasonOf, statusOf, told } from './s3-errors.ts';
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
		const { bucket, prefix, endpoint, region } = parseBucketAddress(address);
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

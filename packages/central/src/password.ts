import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify(argon2);

/** OWASP's recommendation for Argon2id: 19 MiB, two passes, one lane. Raise them here; old hashes stay readable. */
const CURRENT = { memory: 19_456, passes: 2, parallelism: 1 } as const;
const SALT_BYTES = 16;
const TAG_BYTES = 32;

interface Parameters {
	readonly memory: number;
	readonly passes: number;
	readonly parallelism: number;
}

const PHC = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/** `$argon2id$v=19$m=…,t=…,p=…$salt$hash` */
export async function hashPassword(password: string): Promise<string> {
	const salt = randomBytes(SALT_BYTES);
	return encode(CURRENT, salt, await tag(password, salt, CURRENT, TAG_BYTES));
}

/** Takes the same time for a wrong password and, with `DUMMY_HASH`, for a user that does not exist. */
export async function verifyPassword(password: string, encoded: string): Promise<boolean> {
	const { parameters, salt, hash } = decode(encoded);
	return timingSafeEqual(await tag(password, salt, parameters, hash.length), hash);
}

/** Made with weaker parameters than today's: hash again at the next sign-in, when the password is known. */
export function isOutdated(encoded: string): boolean {
	const { memory, passes, parallelism } = decode(encoded).parameters;
	return memory !== CURRENT.memory || passes !== CURRENT.passes || parallelism !== CURRENT.parallelism;
}

/** Of no password at all: the hash is chance. */
export const DUMMY_HASH = encode(CURRENT, randomBytes(SALT_BYTES), randomBytes(TAG_BYTES));

function tag(password: string, nonce: Buffer, parameters: Parameters, tagLength: number): Promise<Buffer> {
	// The same password may be typed composed or decomposed, depending on the keyboard.
	return derive('argon2id', { message: password.normalize('NFKC'), nonce, tagLength, ...parameters });
}

function encode({ memory, passes, parallelism }: Parameters, salt: Buffer, hash: Buffer): string {
	return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(hash)}`;
}

function decode(encoded: string): { parameters: Parameters; salt: Buffer; hash: Buffer } {
	const match = PHC.exec(encoded);
	if (!match) throw new Error('A stored password hash is damaged.');
	const [, memory, passes, parallelism, salt, hash] = match as unknown as string[];
	return {
		parameters: { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) },
		salt: Buffer.from(salt as string, 'base64'),
		hash: Buffer.from(hash as string, 'base64'),
	};
}

function unpadded(bytes: Buffer): string {
	return bytes.toString('base64').replace(/=+$/, '');
}

import { insertNew } from '@mydropbox/server-kit';
import { exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import type { Kysely } from 'kysely';
import type { CentralSchema } from './schema.ts';

const ALGORITHM = 'EdDSA';
const REFRESH_EVERY_MS = 10_000;

export interface Signer {
	readonly kid: string;
	readonly alg: typeof ALGORITHM;
	readonly key: CryptoKey;
}

/** The keys that sign and verify access tokens, the same on every server that shares the database. */
export class KeyRing {
	readonly #db: Kysely<CentralSchema>;
	readonly #now: () => number;
	#readAt = Number.NEGATIVE_INFINITY;
	#public: readonly JWK[] = [];
	#signer: Signer | undefined;

	private constructor(db: Kysely<CentralSchema>, now: () => number) {
		this.#db = db;
		this.#now = now;
	}

	/** Makes the first key pair when there is none; of several servers that start at once, one makes it. */
	static async open(db: Kysely<CentralSchema>, now: () => number): Promise<KeyRing> {
		const ring = new KeyRing(db, now);
		await ring.#read();
		if (ring.#signer) return ring;
		const { publicKey, privateKey } = await generateKeyPair(ALGORITHM, { crv: 'Ed25519', extractable: true });
		const first = {
			Generation: 1,
			PublicKey: JSON.stringify(await exportJWK(publicKey)),
			PrivateKey: JSON.stringify(await exportJWK(privateKey)),
			CreatedAt: now(),
		};
		await insertNew(db, 'SigningKeys', [first], ['Generation']);
		await ring.#read();
		return ring;
	}

	/** Public keys (JWK with `kid` and `alg`), for data servers and for verifying. The same array until `refresh`. */
	get public(): readonly JWK[] {
		return this.#public;
	}

	get signer(): Signer {
		if (!this.#signer) throw new Error('There is no signing key.');
		return this.#signer;
	}

	/** Reads the keys again, because a token came with one that is not known here. Made-up ones cost little. */
	async refresh(): Promise<void> {
		if (this.#now() - this.#readAt >= REFRESH_EVERY_MS) await this.#read();
	}

	async #read(): Promise<void> {
		this.#readAt = this.#now();
		const rows = await this.#db.selectFrom('SigningKeys').selectAll().orderBy('Generation', 'desc').execute();
		const [newest] = rows;
		if (!newest) return;
		this.#public = rows.map((row) => ({
			...JSON.parse(row.PublicKey),
			kid: String(row.Generation),
			alg: ALGORITHM,
			use: 'sig',
		}));
		const key = (await importJWK(JSON.parse(newest.PrivateKey), ALGORITHM)) as CryptoKey;
		this.#signer = { kid: String(newest.Generation), alg: ALGORITHM, key };
	}
}

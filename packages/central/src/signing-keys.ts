import { insertNew } from '@mydropbox/server-kit';
import { exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import type { Kysely } from 'kysely';
import type { CentralSchema } from './schema.ts';

const ALGORITHM = 'EdDSA';

export interface Signer {
	readonly kid: string;
	readonly alg: typeof ALGORITHM;
	readonly key: CryptoKey;
}

/** The keys that sign and verify access tokens, the same on every server that shares the database. */
export class KeyRing {
	readonly #db: Kysely<CentralSchema>;
	#public: readonly JWK[] = [];
	#signer: Signer | undefined;

	private constructor(db: Kysely<CentralSchema>) {
		this.#db = db;
	}

	/** Makes the first key pair when there is none; of several servers that start at once, one makes it. */
	static async open(db: Kysely<CentralSchema>, now: () => number): Promise<KeyRing> {
		const ring = new KeyRing(db);
		await ring.refresh();
		if (ring.#signer) return ring;
		const { publicKey, privateKey } = await generateKeyPair(ALGORITHM, { crv: 'Ed25519', extractable: true });
		const first = {
			Generation: 1,
			PublicKey: JSON.stringify(await exportJWK(publicKey)),
			PrivateKey: JSON.stringify(await exportJWK(privateKey)),
			CreatedAt: now(),
		};
		await insertNew(db, 'SigningKeys', [first], ['Generation']);
		await ring.refresh();
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

	/** Reads the keys again, e.g. after a token came with a key that is not known here. */
	async refresh(): Promise<void> {
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

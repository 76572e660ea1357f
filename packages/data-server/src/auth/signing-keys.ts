import { readFile, rename, writeFile } from 'node:fs/promises';
import type { VerifyOptions } from '@mydropbox/server-kit';
import { z } from 'zod';

type Keys = VerifyOptions['keys'];
const KeysFile = z.object({ keys: z.array(z.record(z.string(), z.unknown())) });

/** The public keys that sign tokens, as last heard, also across a restart without a route-server. */
export class SigningKeys {
	readonly #path: string;
	#keys: Keys = [];

	private constructor(path: string) {
		this.#path = path;
	}

	static async load(path: string): Promise<SigningKeys> {
		const keys = new SigningKeys(path);
		// A file that is missing or damaged is no harm: the next heartbeat brings the keys.
		const text = await readFile(path, 'utf8').catch(() => '{}');
		keys.#keys = (KeysFile.safeParse(parseJson(text)).data?.keys ?? []) as Keys;
		return keys;
	}

	get all(): Keys {
		return this.#keys;
	}

	async replace(keys: readonly Record<string, unknown>[]): Promise<void> {
		if (JSON.stringify(keys) === JSON.stringify(this.#keys)) return;
		this.#keys = keys as Keys;
		const unfinished = `${this.#path}.unfinished`;
		await writeFile(unfinished, JSON.stringify({ keys }), { mode: 0o600 });
		await rename(unfinished, this.#path);
	}
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return {};
	}
}

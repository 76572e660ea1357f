/** Chance from a seed: the same seed, the same numbers, on every machine. sfc32, seeded by FNV-like mixing of a text. */
export class Random {
	#a: number;
	#b: number;
	#c: number;
	#counter = 1;

	constructor(seed: string) {
		let h1 = 0x9e3779b9;
		let h2 = 0x243f6a88;
		let h3 = 0xb7e15162;
		for (let i = 0; i < seed.length; i++) {
			const code = seed.charCodeAt(i);
			h1 = Math.imul(h1 ^ code, 0x85ebca6b);
			h2 = Math.imul(h2 ^ code, 0xc2b2ae35);
			h3 = Math.imul(h3 ^ code, 0x27d4eb2f) ^ (h1 >>> 15);
		}
		this.#a = h1 | 0;
		this.#b = h2 | 0;
		this.#c = h3 | 0;
		for (let i = 0; i < 15; i++) this.#next();
	}

	#next(): number {
		const t = (((this.#a + this.#b) | 0) + this.#counter) | 0;
		this.#counter = (this.#counter + 1) | 0;
		this.#a = this.#b ^ (this.#b >>> 9);
		this.#b = (this.#c + (this.#c << 3)) | 0;
		this.#c = ((this.#c << 21) | (this.#c >>> 11)) + t;
		return t >>> 0;
	}

	/** In [0, 1). */
	float(): number {
		return this.#next() / 2 ** 32;
	}

	/** A whole number in [from, to]. */
	between(from: number, to: number): number {
		return from + Math.floor(this.float() * (to - from + 1));
	}

	chance(probability: number): boolean {
		return this.float() < probability;
	}

	pick<T>(items: readonly T[]): T {
		return items[this.between(0, items.length - 1)]!;
	}

	/** By weight. */
	weighted<Key extends string>(weights: Readonly<Record<Key, number>>): Key {
		const entries = Object.entries(weights) as [Key, number][];
		let rest = this.float() * entries.reduce((sum, [, weight]) => sum + weight, 0);
		for (const [key, weight] of entries) {
			rest -= weight;
			if (rest < 0) return key;
		}
		return entries.at(-1)![0];
	}

	/** Mostly short, sometimes long: exponential with this mean. */
	soon(mean: number): number {
		return -Math.log(1 - this.float()) * mean;
	}

	bytes(size: number): Uint8Array {
		const bytes = new Uint8Array(size);
		for (let i = 0; i < size; i++) bytes[i] = this.between(0, 255);
		return bytes;
	}
}

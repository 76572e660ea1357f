/**
 * The entries used last, between `generation` and twice as many. What was not used while a whole generation of others was
 * is forgotten; that costs nothing per entry, unlike a list in order of use.
 */
export class Recent<Key, Value> {
	readonly #generation: number;
	readonly #beforeForgetting: () => void;
	#young = new Map<Key, Value>();
	#old = new Map<Key, Value>();

	constructor(generation: number, beforeForgetting: () => void = () => undefined) {
		this.#generation = generation;
		this.#beforeForgetting = beforeForgetting;
	}

	get(key: Key): Value | undefined {
		const young = this.#young.get(key);
		if (young !== undefined) return young;
		const old = this.#old.get(key);
		if (old !== undefined) this.set(key, old);
		return old;
	}

	set(key: Key, value: Value): void {
		this.#young.set(key, value);
		if (this.#young.size < this.#generation) return;
		this.#beforeForgetting();
		this.#old = this.#young;
		this.#young = new Map();
	}

	clear(): void {
		this.#young.clear();
		this.#old.clear();
	}
}

import type { Deselected, Engine, ExcludedFile } from '@mydropbox/client';

/** What a device's user does not want on it. Outlives every daemon and every database. */
export class Exclusions {
	#excluded: readonly Deselected[] = [];
	readonly file: ExcludedFile = {
		read: () => this.#excluded,
		write: (deselected) => {
			this.#excluded = deselected;
		},
	};
	readonly #engine: () => Engine | undefined;
	readonly #note: (what: string) => void;

	/** @param engine of the daemon that runs, if one does. */
	constructor(engine: () => Engine | undefined, note: (what: string) => void) {
		this.#engine = engine;
		this.#note = note;
	}

	/** As a person does. @returns whether it is excluded now: not everything can be. */
	exclude(path: string): boolean {
		try {
			this.#engine()?.exclude([path]);
			return this.#engine() !== undefined;
		} catch (error) {
			this.#note(`does not exclude ${path}: ${(error as Error).message}`);
			return false;
		}
	}

	/** @returns whether something was excluded. A daemon that does not run finds an empty list. */
	includeAll(): boolean {
		if (this.#excluded.length === 0) return false;
		try {
			const engine = this.#engine();
			if (engine) engine.include(engine.exclude([]).map(({ path }) => path));
			else this.#excluded = [];
		} catch (error) {
			this.#note(`does not include: ${(error as Error).message}`);
		}
		return true;
	}
}

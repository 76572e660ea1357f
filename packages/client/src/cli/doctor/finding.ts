import type { Config } from '../../daemon/config.ts';
import type { Home } from '../../daemon/home.ts';

/** One line of `mydropbox doctor`. */
export interface Finding {
	readonly what: string;
	/** What is the matter, or how it is. */
	readonly detail: string;
	/** What to do; undefined when all is well. */
	readonly nextStep?: string;
}

export interface Patient {
	readonly home: Home;
	readonly config: Config;
}

/** Looks at one thing, changes nothing, and never throws for what it is there to find. */
export type Check = (patient: Patient) => Finding | Promise<Finding>;

/** `warning`: it works, and it may not for long, or not as well as it could. `problem`: something does not work. */
export type Level = 'ok' | 'warning' | 'problem';

/** What a look at one thing has found. */
export type Finding =
	| {
			readonly level: 'ok';
			/** How it is. */
			readonly found: string;
	  }
	| {
			readonly level: 'warning' | 'problem';
			/** What is the matter. */
			readonly found: string;
			/** What comes of it, as a sentence. */
			readonly means: string;
			/** What to do, as exactly as can be said. */
			readonly nextStep: string;
	  };

export const ok = (found: string): Finding => ({ level: 'ok', found });
export const warning = (found: string, means: string, nextStep: string): Finding => ({
	level: 'warning',
	found,
	means,
	nextStep,
});
export const problem = (found: string, means: string, nextStep: string): Finding => ({
	level: 'problem',
	found,
	means,
	nextStep,
});

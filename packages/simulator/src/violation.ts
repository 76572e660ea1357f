/** Thrown where an invariant of SPEC.md does not hold. */
export class Violation extends Error {
	readonly invariant: string;
	constructor(invariant: string, message: string) {
		super(`${invariant}: ${message}`);
		this.invariant = invariant;
	}
}

/** Something that the person at the keyboard can mend: what is wrong, and what to do about it. */
export class UserError extends Error {
	override readonly name = 'UserError';
	readonly nextStep: string;

	constructor(message: string, nextStep: string, options?: ErrorOptions) {
		super(message, options);
		this.nextStep = nextStep;
	}
}

/** Why a server cannot start, in words for whoever starts it; shown without a stack. */
export class StartupError extends Error {
	override readonly name = 'StartupError';
	/** 1: the surroundings are to blame; 2: the command line is. */
	readonly exitCode: 1 | 2;

	constructor(message: string, options: { cause?: unknown; exitCode?: 1 | 2 } = {}) {
		super(message, 'cause' in options ? { cause: options.cause } : {});
		this.exitCode = options.exitCode ?? 1;
	}
}

/** How many files may go from the server at once before a person is asked. */
export interface MassDeleteLimits {
	/** Never more than this many… */
	readonly files: number;
	/** …nor more than this part (0 to 1) of all files that are synced… */
	readonly share: number;
	/** …where that is more than this many: of a few files, most are deleted often. */
	readonly shareFrom: number;
}

export const MASS_DELETE_LIMITS: MassDeleteLimits = { files: 1000, share: 0.5, shareFrom: 100 };

/** Files whose delete this device has decided on; links count as files, folders do not. */
export interface Deletes {
	/** What it would delete now. */
	readonly wanted: number;
	/** What waits for a person already. */
	readonly held: number;
	/** What it let go lately without being asked, whether the server has it by now or not. */
	readonly lately: number;
	/** Files that were synced before all of these. Asked only when it matters. */
	readonly synced: () => number;
}

/**
 * Whether deletes wait for a person. What was let go lately counts, too, so that one mass delete that is seen bit by
 * bit is still one; and as long as a question is open, everything else that goes is part of it.
 */
export function needsConfirmation({ wanted, held, lately, synced }: Deletes, limits: MassDeleteLimits): boolean {
	if (held > 0) return true;
	const files = wanted + lately;
	if (files > limits.files) return true;
	return files > limits.shareFrom && files > limits.share * synced();
}

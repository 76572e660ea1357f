import { ApiError, LIMITS, type UserId } from '@mydropbox/protocol';
import type { BlockIndex } from './block-index.ts';

/** What may lie here uncommitted beyond an owner's quota: several uploads at once, none of them large. */
export const UNCOMMITTED_SLACK_BYTES = 256 * 1024 * 1024;

/**
 * Keeps an owner from filling the disk with blocks that are never committed. What is on its way is counted in memory,
 * because one process serves a data server's database; what has arrived, in the table Owners.
 */
export class UploadLimit {
	readonly #index: Pick<BlockIndex, 'uncommitted'>;
	readonly #onTheWay = new Map<UserId, number>();

	constructor(index: Pick<BlockIndex, 'uncommitted'>) {
		this.#index = index;
	}

	/** @param limit bytes that may lie uncommitted. Whoever begins an upload MUST end it. */
	begin(owner: UserId, limit: number): Upload {
		let own = 0;
		const add = (bytes: number) => {
			own += bytes;
			this.#onTheWay.set(owner, (this.#onTheWay.get(owner) ?? 0) + bytes);
		};
		return {
			take: async (bytes) => {
				add(bytes);
				// Before the question: what arrives meanwhile is counted twice then, and otherwise it would not be at all.
				const onTheWay = this.#onTheWay.get(owner) as number;
				if ((await this.#index.uncommitted(owner)) + onTheWay <= limit) return;
				throw new ApiError(
					'quota-exceeded',
					'More was uploaded than this account has room for; nothing of this upload was kept. Delete something to make room. What was uploaded and never became a file is removed after some time.',
				);
			},
			end: () => {
				add(-own);
				if (this.#onTheWay.get(owner) === 0) this.#onTheWay.delete(owner);
			},
		};
	}
}

export interface Upload {
	/** To be called before the bytes are kept. @throws ApiError `quota-exceeded`. */
	take(bytes: number): Promise<void>;
	/** What was taken is in the index by now, or nowhere. */
	end(): void;
}

export const tooLarge = (): ApiError =>
	new ApiError('too-large', `At most ${LIMITS.putBlocksBytes} bytes of blocks fit in one request; send fewer at once.`);

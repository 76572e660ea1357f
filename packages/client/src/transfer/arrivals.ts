import { join } from 'node:path';
import type { ArrivalId, ArrivingPart, Content } from '@mydropbox/protocol';
import type { ArrivingFile } from '../daemon/engine.ts';
import type { Disk } from '../fs/jobs/index.ts';
import { ARRIVING } from '../fs/jobs/recover.ts';
import type { StagePiece } from '../fs/jobs/stage.ts';
import { type Filler, REQUESTS_AT_ONCE } from './filler.ts';
import { piecesOf, StagedFile } from './staged-file.ts';

export interface ArrivalsOptions {
	readonly disk: Disk;
	readonly filler: Filler;
	readonly tempDir: string;
	/** Where the file will be, for people. */
	readonly pathOf: (part: ArrivingPart) => string;
	/** What `list` says has changed. */
	readonly onChange: () => void;
	/** Whether this device would have the file, once it is committed. */
	readonly isWanted: (part: ArrivingPart) => boolean;
	readonly now: () => number;
	readonly signal: AbortSignal;
	/** Nothing may be fetched now. */
	readonly interrupted: () => boolean;
}

interface Arriving {
	readonly path: string;
	readonly file: StagedFile;
	readonly opened: Promise<void>;
	/** What waits to be fetched. */
	readonly heard: (readonly StagePiece[])[];
	heardAt: number;
	/** They fetch one after the other of it. None rejects. */
	readonly hands: Set<Promise<void>>;
	/** Nothing more is to be fetched; what is still heard of it is nobody's any more. */
	isOver: boolean;
	isTaken: boolean;
}

/** More are not fetched before their commit. */
const MOST = 2;
/** Whoever brings a file and falls silent for so long has given up, milliseconds. */
const KEEP_MS = 10 * 60_000;

/**
 * Large files that other devices are still bringing to the server: they are fetched meanwhile, so that little is left to do
 * once they are committed. It promises nothing: whoever wants a content takes over what has come of it, and fetches the rest.
 */
export class Arrivals {
	readonly #options: ArrivalsOptions;
	readonly #files = new Map<ArrivalId, Arriving>();

	constructor(options: ArrivalsOptions) {
		this.#options = options;
	}

	heard(part: ArrivingPart): void {
		const { interrupted, now, signal } = this.#options;
		if (signal.aborted || interrupted()) return;
		const arriving = this.#files.get(part.arrival) ?? this.#begin(part);
		if (!arriving || arriving.isOver) return;
		const pieces = piecesOf(part.blocks, part.start);
		if (pieces.some(({ start, size }) => start + size > arriving.file.size)) return;
		arriving.heardAt = now();
		arriving.heard.push(pieces);
		if (arriving.hands.size >= REQUESTS_AT_ONCE) return;
		const hand = this.#fetch(arriving);
		arriving.hands.add(hand);
		void hand.then(() => arriving.hands.delete(hand));
	}

	/** What has come of this content, if anything. Nobody else writes to it any more, whatever is still heard of it. */
	async take(content: Content): Promise<StagedFile | undefined> {
		const arriving = [...this.#files.values()].find(({ file, isTaken }) => !isTaken && file.fits(content));
		if (!arriving) return undefined;
		arriving.isOver = true;
		arriving.isTaken = true;
		await Promise.all(arriving.hands);
		return (await arriving.file.become(content, this.#options.tempDir)) ? arriving.file : undefined;
	}

	/** What is being fetched, or waits for more. */
	list(): ArrivingFile[] {
		this.#forgetOld();
		const fetched = [...this.#files.values()].filter(({ isOver }) => !isOver);
		return fetched.map(({ path, file }) => ({ path, bytesHere: file.size - file.bytesLeft, bytes: file.size }));
	}

	#forgetOld(): void {
		const oldest = this.#options.now() - KEEP_MS;
		for (const [id, { heardAt }] of this.#files) if (heardAt < oldest) this.#files.delete(id);
	}

	/** Resolves when nothing is being fetched. */
	async idle(): Promise<void> {
		await Promise.all(Array.from(this.#files.values(), ({ hands }) => [...hands]).flat());
	}

	#begin(part: ArrivingPart): Arriving | undefined {
		const { disk, tempDir, isWanted, pathOf, now } = this.#options;
		this.#forgetOld();
		const open = [...this.#files.values()].filter(({ isOver }) => !isOver);
		if (open.length >= MOST || !isWanted(part)) return undefined;
		const file = new StagedFile(disk, join(tempDir, `${ARRIVING}${part.arrival}`), part.size);
		const opened = file.open();
		const hands = new Set<Promise<void>>();
		const arriving = {
			path: pathOf(part),
			file,
			opened,
			heard: [],
			heardAt: now(),
			hands,
			isOver: false,
			isTaken: false,
		};
		this.#files.set(part.arrival, arriving);
		return arriving;
	}

	async #fetch(arriving: Arriving): Promise<void> {
		const { filler, signal, interrupted, onChange } = this.#options;
		const { file, heard, opened } = arriving;
		try {
			await opened;
			while (heard.length > 0 && !arriving.isOver && !interrupted()) {
				const pieces = heard.shift()!;
				file.expect(pieces);
				await filler.copy(file, pieces);
				await filler.fetch(file, file.missing(pieces), { signal, unverified: true });
				onChange();
			}
		} catch {
			// Whatever it is, whoever fetches the whole file meets it again.
			arriving.isOver = true;
		}
	}
}

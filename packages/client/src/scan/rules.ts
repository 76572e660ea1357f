import { join } from 'node:path';
import type { Name, NodeId } from '@mydropbox/protocol';
import type { Place } from '@mydropbox/sync-engine';
import type { DiskEntry } from '../fs/entry.ts';
import { quietIn } from '../fs/quiet.ts';
import { RULE_FILE } from '../ignore/patterns.ts';
import { RuleView } from '../ignore/rule-view.ts';
import type { RuleFile } from '../state/tables.ts';
import type { ScannerOptions } from './result.ts';
import type { Fault } from './syncable.ts';

const LAST_KNOWN = 'Until it can be read, the rules that it had before stay in force.';
const FAULTS: Record<string, Fault> = {
	EACCES: ['It cannot be read (permission denied).', `Make it readable for you. ${LAST_KNOWN}`],
	EISDIR: ['Rules are read from a plain file, and this is something else.', `Rename it. ${LAST_KNOWN}`],
	EFBIG: ['It is longer than 256 kB.', `Shorten it. ${LAST_KNOWN}`],
	ENOTEXT: ['It is not valid UTF-8.', `Save it as UTF-8. ${LAST_KNOWN}`],
};
const faultOf = (code: string): Fault => FAULTS[code] ?? [`It cannot be read (${code}).`, LAST_KNOWN];

/** A folder that was listed, with the rule file in it. */
export interface Listed {
	readonly id: NodeId;
	/** Absolute. */
	readonly path: string;
	readonly entry: DiskEntry | undefined;
}

/** The rules during one look at the disk: as they were known, and as they are read on the way. */
export class ScanRules {
	readonly #options: ScannerOptions;
	/** null: its folder has no rules any more. */
	readonly #changed = new Map<NodeId, RuleFile | null>();
	readonly #view: RuleView;
	readonly #hadNone: boolean;

	constructor(options: ScannerOptions, placeOf: (folder: NodeId) => Place | undefined) {
		const { root, rules } = options.store;
		this.#options = options;
		this.#hadNone = rules.isEmpty;
		const rulesOf = (folder: NodeId) => {
			const changed = this.#changed.get(folder);
			return (changed === undefined ? rules.get(folder) : changed)?.text;
		};
		this.#view = new RuleView({ root, placeOf, rulesOf });
	}

	/** Reads what is new. @returns per folder what is wrong with its rules; 'unfinished': they are just being written. */
	async read(folders: readonly Listed[]): Promise<Map<NodeId, Fault | 'unfinished'>> {
		const found = new Map<NodeId, Fault | 'unfinished'>();
		const toRead: NodeId[] = [];
		const paths: string[] = [];
		for (const { id, path, entry } of folders) {
			const verdict = this.#judge(id, entry);
			if (verdict === 'read') {
				toRead.push(id);
				paths.push(join(path, RULE_FILE));
			} else if (verdict) found.set(id, verdict);
		}
		if (paths.length === 0) return found;
		const texts = await this.#options.disk.run('readTexts', paths);
		for (const [index, result] of texts.entries()) {
			const id = toRead[index]!;
			if ('changed' in result) found.set(id, 'unfinished');
			else if ('error' in result) found.set(id, faultOf(result.error));
			else this.#changed.set(id, result);
		}
		return found;
	}

	/**
	 * A rule file is gone only when the local tree has given it up: editors take it away for a moment, too. What was something
	 * else when it went had no rules.
	 */
	#judge(folder: NodeId, entry: DiskEntry | undefined): 'read' | Fault | 'unfinished' | undefined {
		const { store, now } = this.#options;
		const known = this.#hadNone ? undefined : store.rules.get(folder);
		if (!entry) {
			if (known && store.local.child(folder, RULE_FILE)?.version.kind !== 'file') this.#changed.set(folder, null);
			return undefined;
		}
		if (entry.kind !== 'file') return faultOf('EISDIR');
		if (known?.stamp === entry.stamp) return undefined;
		// Half of the rules would let through what the other half names.
		return quietIn(entry, now()) > 0 ? 'unfinished' : 'read';
	}

	ignores(folder: NodeId, name: Name, isFolder: boolean): boolean {
		if (this.#hadNone && this.#changed.size === 0) return false;
		return this.#view.ignores(folder, name, isFolder);
	}

	/** Whether rules say something else than before. */
	get changed(): boolean {
		return [...this.#changed].some(([folder, file]) => file?.text !== this.#options.store.rules.get(folder)?.text);
	}

	get wasRead(): boolean {
		return this.#changed.size > 0;
	}

	save(): void {
		const { rules } = this.#options.store;
		for (const [folder, file] of this.#changed) {
			if (file) rules.set(folder, file);
			else rules.delete(folder);
		}
	}
}

import type { FileEntry } from '@mydropbox/protocol/web';
import { useState } from 'react';

export interface Selection {
	/** In the order in which they are shown. */
	readonly entries: readonly FileEntry[];
	readonly has: (entry: FileEntry) => boolean;
	/** @param through with all between it and the one that was toggled last. */
	readonly toggle: (entry: FileEntry, through: boolean) => void;
	/** All that are shown, or none. */
	readonly toggleAll: () => void;
	readonly clear: () => void;
}

interface Chosen {
	/** Another folder begins with nothing. */
	readonly folder: string;
	readonly ids: ReadonlySet<string>;
	/** The one that was toggled last. */
	readonly last?: string;
}

/** What is ticked of the entries that are shown; what is gone is not any more. */
export function useSelection(folder: string, shown: readonly FileEntry[]): Selection {
	const [chosen, setChosen] = useState<Chosen>({ folder, ids: new Set() });
	const { ids, last } = chosen.folder === folder ? chosen : { ids: new Set<string>(), last: undefined };
	const entries = shown.filter(({ id }) => ids.has(id));
	const clear = () => setChosen({ folder, ids: new Set() });
	return {
		entries,
		has: ({ id }) => ids.has(id),
		toggle: (entry, through) => {
			const next = new Set(ids);
			for (const { id } of through ? between(shown, last, entry) : [entry]) {
				if (ids.has(entry.id)) next.delete(id);
				else next.add(id);
			}
			setChosen({ folder, ids: next, last: entry.id });
		},
		toggleAll: () =>
			entries.length === shown.length ? clear() : setChosen({ folder, ids: new Set(shown.map(({ id }) => id)) }),
		clear,
	};
}

/** From the one to the other, whichever comes first, with both. */
function between(shown: readonly FileEntry[], from: string | undefined, to: FileEntry): readonly FileEntry[] {
	const at = shown.findIndex(({ id }) => id === to.id);
	const start = shown.findIndex(({ id }) => id === from);
	return start < 0 ? [to] : shown.slice(Math.min(start, at), Math.max(start, at) + 1);
}

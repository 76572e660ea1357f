import { type FileEntry, ROOT_ARCHIVE, splitPath } from '@mydropbox/protocol/web';
import { type ReactNode, useState } from 'react';
import { archiveUrl } from '../api/files.ts';
import { DeleteDialog } from '../components/DeleteDialog.tsx';
import type { EntryAction } from '../components/EntryMenu.tsx';
import { MoveDialog } from '../components/MoveDialog.tsx';
import { NewFolderDialog } from '../components/NewFolderDialog.tsx';
import { RenameDialog } from '../components/RenameDialog.tsx';
import type { SelectionAction } from '../components/SelectionBar.tsx';
import { ShareDialog } from '../components/ShareDialog.tsx';
import { VersionsDialog } from '../components/VersionsDialog.tsx';
import type { Download } from '../download.ts';
import { downloadOf, OWN_FILES } from '../file-addresses.ts';
import { startDownload } from '../start-download.ts';

type Open =
	| { kind: 'new-folder' }
	| { kind: 'share' | 'versions' | 'rename'; entry: FileEntry }
	| { kind: 'move' | 'delete'; entries: readonly FileEntry[] };

interface EntryDialogs {
	readonly newFolder: () => void;
	/** The folder itself. */
	readonly downloadAll: () => void;
	readonly act: (action: EntryAction, entry: FileEntry) => void;
	readonly actOnAll: (action: SelectionAction, entries: readonly FileEntry[]) => void;
	/** To be rendered somewhere on the page. */
	readonly dialog: ReactNode;
}

/** What can be done with the entries of a folder. */
export function useEntryDialogs(folder: string): EntryDialogs {
	const [open, setOpen] = useState<Open>();
	const onClose = () => setOpen(undefined);
	const actOnAll = (action: SelectionAction, entries: readonly FileEntry[]) =>
		action === 'download' ? void startDownload(downloadOfAll(folder, entries)) : setOpen({ kind: action, entries });
	return {
		newFolder: () => setOpen({ kind: 'new-folder' }),
		downloadAll: () => void startDownload({ name: archiveName(folder), url: archiveUrl(folder) }),
		act: (action, entry) =>
			action === 'download' || action === 'move' || action === 'delete'
				? actOnAll(action, [entry])
				: setOpen({ kind: action, entry }),
		actOnAll,
		dialog: open && dialogOf(open, folder, onClose),
	};
}

function dialogOf(open: Open, folder: string, onClose: () => void): ReactNode {
	switch (open.kind) {
		case 'new-folder':
			return <NewFolderDialog folder={folder} onClose={onClose} />;
		case 'share':
			return <ShareDialog entry={open.entry} onClose={onClose} />;
		case 'versions':
			return <VersionsDialog entry={open.entry} onClose={onClose} />;
		case 'rename':
			return <RenameDialog entry={open.entry} onClose={onClose} />;
		case 'move':
			return <MoveDialog entries={open.entries} onClose={onClose} />;
		case 'delete':
			return <DeleteDialog entries={open.entries} onClose={onClose} />;
	}
}

const archiveName = (folder: string): string => `${splitPath(folder)[1] || ROOT_ARCHIVE}.zip`;

function downloadOfAll(folder: string, entries: readonly FileEntry[]): Download {
	const [first] = entries;
	if (entries.length > 1 || !first) return { name: archiveName(folder), url: archiveUrl(folder, entries) };
	return downloadOf(OWN_FILES, first);
}

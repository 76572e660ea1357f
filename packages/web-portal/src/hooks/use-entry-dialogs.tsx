import { type FileEntry, ROOT_ARCHIVE, splitPath } from '@mydropbox/protocol/web';
import { type ReactNode, useState } from 'react';
import { archiveUrl, contentUrl } from '../api/files.ts';
import { noteProblem } from '../api/query-client.ts';
import { DeleteDialog } from '../components/DeleteDialog.tsx';
import type { EntryAction } from '../components/EntryMenu.tsx';
import { MoveDialog } from '../components/MoveDialog.tsx';
import { NewFolderDialog } from '../components/NewFolderDialog.tsx';
import { problemText } from '../components/ProblemView.tsx';
import { RenameDialog } from '../components/RenameDialog.tsx';
import type { SelectionAction } from '../components/SelectionBar.tsx';
import { toasts } from '../components/toast-store.ts';
import { VersionsDialog } from '../components/VersionsDialog.tsx';
import { type Download, download } from '../download.ts';

type Open =
	| { kind: 'new-folder' }
	| { kind: 'versions' | 'rename'; entry: FileEntry }
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
		action === 'download' ? void downloadNow(downloadOf(folder, entries)) : setOpen({ kind: action, entries });
	return {
		newFolder: () => setOpen({ kind: 'new-folder' }),
		downloadAll: () => void downloadNow({ name: archiveName(folder), url: archiveUrl(folder) }),
		act: (action, entry) =>
			action === 'versions' || action === 'rename' ? setOpen({ kind: action, entry }) : actOnAll(action, [entry]),
		actOnAll,
		dialog: open && dialogOf(open, folder, onClose),
	};
}

function dialogOf(open: Open, folder: string, onClose: () => void): ReactNode {
	switch (open.kind) {
		case 'new-folder':
			return <NewFolderDialog folder={folder} onClose={onClose} />;
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

/** One file as it is, all else as a ZIP file. */
function downloadOf(folder: string, entries: readonly FileEntry[]): Download {
	const [first] = entries;
	if (entries.length > 1 || !first) return { name: archiveName(folder), url: archiveUrl(folder, entries) };
	if (first.kind === 'folder') return { name: archiveName(first.path), url: archiveUrl(first.path) };
	return { name: first.name, url: contentUrl(first.path) };
}

async function downloadNow(wanted: Download): Promise<void> {
	try {
		await download(wanted);
	} catch (error) {
		noteProblem(error);
		toasts.show('problem', `“${wanted.name}” cannot be downloaded now. ${problemText(error)}`);
	}
}

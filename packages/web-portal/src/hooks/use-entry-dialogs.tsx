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
import { toasts } from '../components/toast-store.ts';
import { VersionsDialog } from '../components/VersionsDialog.tsx';
import { download } from '../download.ts';

type Open = { kind: 'new-folder' } | { kind: Exclude<EntryAction, 'download'>; entry: FileEntry };

interface EntryDialogs {
	readonly newFolder: () => void;
	/** The folder itself. */
	readonly downloadAll: () => void;
	readonly act: (action: EntryAction, entry: FileEntry) => void;
	/** To be rendered somewhere on the page. */
	readonly dialog: ReactNode;
}

/** What can be done with the entries of a folder. */
export function useEntryDialogs(folder: string): EntryDialogs {
	const [open, setOpen] = useState<Open>();
	const onClose = () => setOpen(undefined);
	return {
		newFolder: () => setOpen({ kind: 'new-folder' }),
		downloadAll: () => void downloadNow({ kind: 'folder', name: splitPath(folder)[1] || ROOT_ARCHIVE, path: folder }),
		act: (action, entry) => (action === 'download' ? void downloadNow(entry) : setOpen({ kind: action, entry })),
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
			return <MoveDialog entry={open.entry} onClose={onClose} />;
		case 'delete':
			return <DeleteDialog entry={open.entry} onClose={onClose} />;
	}
}

async function downloadNow({ kind, name, path }: { kind: string; name: string; path: string }): Promise<void> {
	try {
		await download(
			kind === 'folder' ? { name: `${name}.zip`, url: archiveUrl(path) } : { name, url: contentUrl(path) },
		);
	} catch (error) {
		noteProblem(error);
		toasts.show('problem', `“${name}” cannot be downloaded now. ${problemText(error)}`);
	}
}

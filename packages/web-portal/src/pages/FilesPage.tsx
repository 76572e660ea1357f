import { Group, Stack } from '@mantine/core';
import { splitPath } from '@mydropbox/protocol/web';
import type { ReactNode } from 'react';
import { useLocation } from 'react-router';
import { useListing } from '../api/files.ts';
import { isNotFound } from '../api/query-client.ts';
import { DropArea } from '../components/DropArea.tsx';
import { EmptyFolder } from '../components/EmptyFolder.tsx';
import { EntryMenu } from '../components/EntryMenu.tsx';
import { FileTable } from '../components/FileTable.tsx';
import { FolderPath } from '../components/FolderPath.tsx';
import { FolderToolbar } from '../components/FolderToolbar.tsx';
import { LoadingRows } from '../components/LoadingRows.tsx';
import { ProblemAlert, ProblemView } from '../components/ProblemView.tsx';
import { SelectionBar } from '../components/SelectionBar.tsx';
import { ShowMore } from '../components/ShowMore.tsx';
import { useEntryDialogs } from '../hooks/use-entry-dialogs.tsx';
import { usePageTitle } from '../hooks/use-page-title.ts';
import { useSelection } from '../hooks/use-selection.ts';
import { useUploadHere } from '../hooks/use-upload-here.tsx';
import { folderOf } from '../location.ts';

export function FilesPage() {
	const path = folderOf(useLocation().pathname);
	const name = path === '/' ? 'Files' : splitPath(path)[1];
	usePageTitle(name);

	const listing = useListing(path);
	const entries = listing.data?.pages.flatMap((page) => page.entries) ?? [];
	const upload = useUploadHere(path, entries);
	const dialogs = useEntryDialogs(path);
	const selection = useSelection(path, entries);
	const first = listing.data?.pages[0];
	const isFolder = first !== undefined && (first.entry === null || first.entry.kind === 'folder');
	// What is gone is gone; anything else may be over soon, and until then the last listing is better than none.
	const gone = isNotFound(listing.error);

	const content = (): ReactNode => {
		if (listing.error && (!first || gone))
			return <ProblemView error={listing.error} onRetry={() => listing.refetch()} />;
		if (!first) return <LoadingRows />;
		return (
			<Stack>
				<ProblemAlert error={listing.error} />
				{isFolder && entries.length === 0 ? (
					<EmptyFolder root={path === '/'} onUpload={upload.chooseFiles} />
				) : (
					<FileTable
						entries={isFolder || !first.entry ? entries : [first.entry]}
						selection={isFolder ? selection : undefined}
						onDownload={(entry) => dialogs.act('download', entry)}
						actions={(entry) => <EntryMenu entry={entry} onAction={(action) => dialogs.act(action, entry)} />}
					/>
				)}
				<ShowMore of={listing} total={first.total} />
			</Stack>
		);
	};

	return (
		<>
			<Group justify="space-between" align="center" mb="lg" gap="md">
				<FolderPath path={path} />
				{selection.entries.length > 0 && (
					<SelectionBar
						entries={selection.entries}
						onAction={(action) => dialogs.actOnAll(action, selection.entries)}
						onClear={selection.clear}
					/>
				)}
				{isFolder && !gone && selection.entries.length === 0 && (
					<FolderToolbar
						onUploadFiles={upload.chooseFiles}
						onUploadFolder={upload.chooseFolder}
						onNewFolder={dialogs.newFolder}
						onDownload={entries.length > 0 ? dialogs.downloadAll : undefined}
					/>
				)}
			</Group>
			{content()}
			{isFolder && !gone && <DropArea target={name} onDrop={upload.drop} />}
			{upload.elements}
			{dialogs.dialog}
		</>
	);
}

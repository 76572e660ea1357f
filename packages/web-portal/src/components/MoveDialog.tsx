import { Button, Group, Modal, NavLink, ScrollArea, Skeleton, Stack, Text } from '@mantine/core';
import { type FileEntry, splitPath } from '@mydropbox/protocol/web';
import { IconFolderFilled } from '@tabler/icons-react';
import { useState } from 'react';
import { SomeFailed, useFolders, useMove } from '../api/files.ts';
import { sayEntries } from '../format.ts';
import { FolderPath } from './FolderPath.tsx';
import { ProblemAlert } from './ProblemView.tsx';
import { toasts } from './toast-store.ts';

interface Props {
	/** At least one, all of one folder. */
	readonly entries: readonly FileEntry[];
	readonly onClose: () => void;
}

/** Walks through the folders until the person says "here". */
export function MoveDialog({ entries, onClose }: Props) {
	const home = splitPath(entries[0]!.path)[0];
	const [target, setTarget] = useState(home);
	const folders = useFolders(target);
	const move = useMove();
	const submit = () =>
		move.mutate(
			{ entries, target },
			{
				onSuccess: () => {
					toasts.show(
						'done',
						`Moved ${sayEntries(entries)} to ${target === '/' ? 'Files' : `“${splitPath(target)[1]}”`}.`,
					);
					onClose();
				},
				onError: (error) => {
					if (!(error instanceof SomeFailed)) return;
					toasts.show('problem', error.message);
					onClose();
				},
			},
		);
	return (
		<Modal opened onClose={onClose} title={`Move ${sayEntries(entries)}`} closeButtonProps={{ 'aria-label': 'Close' }}>
			<Stack>
				<FolderPath path={target} onOpen={setTarget} />
				<ScrollArea.Autosize mah={300} mih={120} type="auto">
					{folders.isPending && <Skeleton height={36} radius="md" />}
					{folders.data?.map((folder) => (
						<NavLink
							key={folder.id}
							component="button"
							type="button"
							label={folder.name}
							// A folder cannot be moved into itself.
							disabled={entries.some(({ path }) => path === folder.path)}
							leftSection={<IconFolderFilled size={18} color="var(--mantine-color-indigo-5)" />}
							onClick={() => setTarget(folder.path)}
						/>
					))}
					{folders.data?.length === 0 && (
						<Text size="sm" c="dimmed" py="xs">
							No folders in here.
						</Text>
					)}
					{folders.hasNextPage && (
						<Button
							variant="subtle"
							fullWidth
							loading={folders.isFetchingNextPage}
							onClick={() => folders.fetchNextPage()}
						>
							Show more
						</Button>
					)}
				</ScrollArea.Autosize>
				<ProblemAlert error={move.error ?? folders.error} />
				<Group justify="flex-end">
					<Button variant="default" onClick={onClose}>
						Cancel
					</Button>
					<Button onClick={submit} loading={move.isPending} disabled={target === home}>
						Move here
					</Button>
				</Group>
			</Stack>
		</Modal>
	);
}

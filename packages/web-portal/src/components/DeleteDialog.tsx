import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import type { FileEntry } from '@mydropbox/protocol/web';
import { useDelete } from '../api/files.ts';
import { useRestore } from '../hooks/use-restore.ts';
import { ProblemAlert } from './ProblemView.tsx';
import { toasts } from './toast-store.ts';

const WHAT = {
	file: 'The file disappears',
	folder: 'The folder and everything in it disappear',
	symlink: 'The link disappears, but not what it points to,',
} as const;

export function DeleteDialog({ entry, onClose }: { entry: FileEntry; onClose: () => void }) {
	const remove = useDelete();
	const { restore } = useRestore();
	const submit = () =>
		remove.mutate(entry, {
			onSuccess: () => {
				toasts.show('done', `Deleted “${entry.name}”.`, { label: 'Undo', run: () => restore(entry) });
				onClose();
			},
		});
	return (
		<Modal opened onClose={onClose} title={`Delete “${entry.name}”?`} closeButtonProps={{ 'aria-label': 'Close' }}>
			<Stack>
				<Text size="sm">
					{WHAT[entry.kind]} here and on all your connected devices. For a while, you can bring it back from Deleted
					files.
				</Text>
				<ProblemAlert error={remove.error} />
				<Group justify="flex-end">
					<Button variant="default" onClick={onClose} data-autofocus>
						Keep it
					</Button>
					<Button color="red.9" onClick={submit} loading={remove.isPending}>
						Delete
					</Button>
				</Group>
			</Stack>
		</Modal>
	);
}

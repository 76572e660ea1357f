import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import type { FileEntry } from '@mydropbox/protocol/web';
import { SomeFailed, useDelete } from '../api/files.ts';
import { sayEntries } from '../format.ts';
import { useRestore } from '../hooks/use-restore.ts';
import { ProblemAlert } from './ProblemView.tsx';
import { toasts } from './toast-store.ts';

const WHAT = {
	file: 'The file disappears',
	folder: 'The folder and everything in it disappear',
	symlink: 'The link disappears, but not what it points to,',
} as const;
const SEVERAL = 'They disappear, with all that is in them,';

interface Props {
	readonly entries: readonly FileEntry[];
	readonly onClose: () => void;
}

export function DeleteDialog({ entries, onClose }: Props) {
	const remove = useDelete();
	const { restore } = useRestore();
	const [entry] = entries;
	const submit = () =>
		remove.mutate(entries, {
			onSuccess: () => {
				toasts.show('done', `Deleted ${sayEntries(entries)}.`, { label: 'Undo', run: () => restore(entries) });
				onClose();
			},
			onError: (error) => {
				if (!(error instanceof SomeFailed)) return;
				toasts.show('problem', error.message);
				onClose();
			},
		});
	return (
		<Modal
			opened
			onClose={onClose}
			title={`Delete ${sayEntries(entries)}?`}
			closeButtonProps={{ 'aria-label': 'Close' }}
		>
			<Stack>
				<Text size="sm">
					{entries.length === 1 && entry ? WHAT[entry.kind] : SEVERAL} here and on all your connected devices. For a
					while, you can bring {entries.length === 1 ? 'it' : 'them'} back from Deleted files.
				</Text>
				<ProblemAlert error={remove.error} />
				<Group justify="flex-end">
					<Button variant="default" onClick={onClose} data-autofocus>
						{entries.length === 1 ? 'Keep it' : 'Keep them'}
					</Button>
					<Button color="red.9" onClick={submit} loading={remove.isPending}>
						Delete
					</Button>
				</Group>
			</Stack>
		</Modal>
	);
}

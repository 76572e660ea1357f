import { childPath, type FileEntry, splitPath } from '@mydropbox/protocol/web';
import { useMove } from '../api/files.ts';
import { NameDialog } from './NameDialog.tsx';
import { toasts } from './toast-store.ts';

export function RenameDialog({ entry, onClose }: { entry: FileEntry; onClose: () => void }) {
	const move = useMove();
	const submit = (name: string) =>
		move.mutate(
			{ from: entry.path, to: childPath(splitPath(entry.path)[0], name) },
			{
				onSuccess: () => {
					toasts.show('done', `Renamed “${entry.name}” to “${name}”.`);
					onClose();
				},
			},
		);
	return (
		<NameDialog
			title={`Rename “${entry.name}”`}
			action="Rename"
			initial={entry.name}
			pending={move.isPending}
			error={move.error}
			onSubmit={submit}
			onClose={onClose}
		/>
	);
}

import { childPath, type FileEntry, splitPath } from '@mydropbox/protocol/web';
import { useRename } from '../api/files.ts';
import { NameDialog } from './NameDialog.tsx';
import { toasts } from './toast-store.ts';

export function RenameDialog({ entry, onClose }: { entry: FileEntry; onClose: () => void }) {
	const rename = useRename();
	const submit = (name: string) =>
		rename.mutate(
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
			pending={rename.isPending}
			error={rename.error}
			onSubmit={submit}
			onClose={onClose}
		/>
	);
}

import { useCreateFolder } from '../api/files.ts';
import { NameDialog } from './NameDialog.tsx';
import { toasts } from './toast-store.ts';

export function NewFolderDialog({ folder, onClose }: { folder: string; onClose: () => void }) {
	const create = useCreateFolder(folder);
	const submit = (name: string) =>
		create.mutate(name, {
			onSuccess: () => {
				toasts.show('done', `Created the folder “${name}”.`);
				onClose();
			},
		});
	return (
		<NameDialog
			title="New folder"
			action="Create"
			initial=""
			pending={create.isPending}
			error={create.error}
			onSubmit={submit}
			onClose={onClose}
		/>
	);
}

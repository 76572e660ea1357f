import { type FileEntry, type RestoreDeletedResponse, splitPath } from '@mydropbox/protocol/web';
import { useRestoreDeleted } from '../api/history.ts';
import { problemText } from '../components/ProblemView.tsx';
import { toasts } from '../components/toast-store.ts';
import { plural } from '../format.ts';

type Deleted = Pick<FileEntry, 'id' | 'name'>;

/** Brings back what was deleted, and says how that went, even when what was clicked is gone by then. */
export function useRestore(): { restore: (deleted: Deleted) => void; pending: boolean } {
	const { mutateAsync, isPending } = useRestoreDeleted();
	const restore = (deleted: Deleted) =>
		void mutateAsync(deleted.id).then(
			(back) => toasts.show('done', restoredText(deleted.name, back)),
			(error) => toasts.show('problem', `“${deleted.name}” could not be restored. ${problemText(error)}`),
		);
	return { restore, pending: isPending };
}

function restoredText(oldName: string, { file, restored }: RestoreDeletedResponse): string {
	const [folder] = splitPath(file.path);
	const where = folder === '/' ? 'Files' : `“${splitPath(folder)[1]}”`;
	const renamed = file.name === oldName ? '' : ` as “${file.name}”`;
	const along = restored > 1 ? ` with ${plural(restored - 1, 'thing')} in it` : '';
	return `“${oldName}” is back in ${where}${renamed}${along}.`;
}

import { type FileEntry, type RestoreDeletedResponse, splitPath } from '@mydropbox/protocol/web';
import { useRestoreDeleted } from '../api/history.ts';
import { problemText } from '../components/ProblemView.tsx';
import { toasts } from '../components/toast-store.ts';
import { plural } from '../format.ts';

type Deleted = Pick<FileEntry, 'id' | 'name'>;

/** Brings back what was deleted, and says how that went, even when what was clicked is gone by then. */
export function useRestore(): { restore: (deleted: readonly Deleted[]) => void; pending: boolean } {
	const { mutateAsync, isPending } = useRestoreDeleted();
	const restore = async (deleted: readonly Deleted[]) => {
		const back: string[] = [];
		for (const { id, name } of deleted) {
			try {
				back.push(restoredText(name, await mutateAsync(id)));
			} catch (error) {
				toasts.show('problem', `“${name}” could not be restored. ${problemText(error)}`);
			}
		}
		if (back.length > 0)
			toasts.show('done', back.length === 1 ? back[0]! : `${plural(back.length, 'thing')} are back.`);
	};
	return { restore: (deleted) => void restore(deleted), pending: isPending };
}

function restoredText(oldName: string, { file, restored }: RestoreDeletedResponse): string {
	const [folder] = splitPath(file.path);
	const where = folder === '/' ? 'Files' : `“${splitPath(folder)[1]}”`;
	const renamed = file.name === oldName ? '' : ` as “${file.name}”`;
	const along = restored > 1 ? ` with ${plural(restored - 1, 'thing')} in it` : '';
	return `“${oldName}” is back in ${where}${renamed}${along}.`;
}

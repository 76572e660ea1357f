import { ApiError } from '@mydropbox/protocol';
import type { NameClash } from '@mydropbox/protocol/web';
import { createFolder, useRefreshFiles } from '../api/files.ts';
import { noteProblem } from '../api/query-client.ts';
import { problemText } from '../components/ProblemView.tsx';
import { toasts } from '../components/toast-store.ts';
import type { Selection } from './selection.ts';
import { useUploadQueue } from './UploadsProvider.tsx';

/** Makes the folders, then queues the files. */
export function useStartUpload(): (selection: Selection, clash: NameClash) => Promise<void> {
	const queue = useUploadQueue();
	const refresh = useRefreshFiles();
	return async ({ folders, files }, clash) => {
		try {
			for (const folder of folders) await createFolder(folder).catch(unlessItExists);
		} catch (error) {
			noteProblem(error);
			toasts.show('problem', `The upload did not start. ${problemText(error)}`);
			return;
		}
		if (folders.length > 0) void refresh();
		queue.add(files, clash);
	};
}

/** A file in the place of a folder is found by the first upload into it. */
function unlessItExists(error: unknown): void {
	if (!(error instanceof ApiError && error.code === 'name-taken')) throw error;
}

import { noteProblem } from './api/query-client.ts';
import { problemText } from './components/ProblemView.tsx';
import { toasts } from './components/toast-store.ts';
import { type Download, download } from './download.ts';

/** Downloads, or tells in a short message why that does not work now. */
export async function startDownload(wanted: Download): Promise<void> {
	try {
		await download(wanted);
	} catch (error) {
		noteProblem(error);
		toasts.show('problem', `“${wanted.name}” cannot be downloaded now. ${problemText(error)}`);
	}
}

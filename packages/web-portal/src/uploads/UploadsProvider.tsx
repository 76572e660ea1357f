import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from 'react';
import { useRefreshFiles } from '../api/files.ts';
import { noteProblem } from '../api/query-client.ts';
import { UploadQueue } from './queue.ts';
import { sendFile } from './send-file.ts';
import { UploadPanel } from './UploadPanel.tsx';

const Uploads = createContext<UploadQueue | null>(null);

/** Uploads go on while the person looks at other folders. */
export function UploadsProvider({ children }: { children: ReactNode }) {
	const refresh = useRefreshFiles();
	const [queue] = useState(
		() =>
			new UploadQueue({
				send: sendFile,
				onEnd: (upload) => (upload.state === 'failed' ? noteProblem(upload.problem) : void refresh()),
			}),
	);
	const uploads = useSyncExternalStore(queue.subscribe, queue.snapshot);
	const busy = uploads.some((upload) => upload.state === 'waiting' || upload.state === 'sending');

	useEffect(() => () => queue.removeAll(), [queue]);
	useEffect(() => {
		if (!busy) return;
		const ask = (event: BeforeUnloadEvent) => event.preventDefault();
		window.addEventListener('beforeunload', ask);
		return () => window.removeEventListener('beforeunload', ask);
	}, [busy]);

	return (
		<Uploads value={queue}>
			{children}
			{uploads.length > 0 && <UploadPanel queue={queue} uploads={uploads} busy={busy} />}
		</Uploads>
	);
}

export function useUploadQueue(): UploadQueue {
	const queue = useContext(Uploads);
	if (!queue) throw new Error('useUploadQueue needs an UploadsProvider around it');
	return queue;
}

import type { FileEntry } from '@mydropbox/protocol/web';
import { type ReactNode, useRef, useState } from 'react';
import { ClashDialog } from '../components/ClashDialog.tsx';
import { FileInput } from '../components/FileInput.tsx';
import { problemText } from '../components/ProblemView.tsx';
import { toasts } from '../components/toast-store.ts';
import { chosen, dropped, type Selection } from '../uploads/selection.ts';
import { useStartUpload } from '../uploads/use-start-upload.ts';

interface UploadHere {
	readonly chooseFiles: () => void;
	readonly chooseFolder: () => void;
	readonly drop: (data: DataTransfer) => void;
	/** To be rendered somewhere on the page. */
	readonly elements: ReactNode;
}

/** Uploads into one folder; asks first when names are taken there. */
export function useUploadHere(folder: string, entries: readonly FileEntry[]): UploadHere {
	const start = useStartUpload();
	const filesInput = useRef<HTMLInputElement>(null);
	const folderInput = useRef<HTMLInputElement>(null);
	const [asking, setAsking] = useState<{ selection: Selection; taken: readonly string[] }>();

	const begin = (selection: Selection) => {
		const names = new Set<string>(entries.filter((entry) => entry.kind === 'file').map((entry) => entry.name));
		const taken = selection.files.filter((file) => file.folder === folder && names.has(nameOf(file))).map(nameOf);
		if (taken.length > 0) setAsking({ selection, taken });
		// What is not on this page of the listing is kept beside.
		else void start(selection, 'keep-both');
	};
	const drop = (data: DataTransfer) =>
		dropped(data, folder).then(begin, (error) =>
			toasts.show('problem', `What you dropped cannot be read. ${problemText(error)}`),
		);

	return {
		chooseFiles: () => filesInput.current?.click(),
		chooseFolder: () => folderInput.current?.click(),
		drop,
		elements: (
			<>
				<FileInput ref={filesInput} label="Files to upload" onFiles={(files) => begin(chosen(files, folder))} />
				<FileInput
					ref={folderInput}
					label="Folder to upload"
					wholeFolder
					onFiles={(files) => begin(chosen(files, folder))}
				/>
				{asking && (
					<ClashDialog
						names={asking.taken}
						onClose={() => setAsking(undefined)}
						onChoose={(choice) => {
							setAsking(undefined);
							const { selection, taken } = asking;
							if (choice !== 'skip') return void start(selection, choice);
							const files = selection.files.filter((file) => file.folder !== folder || !taken.includes(nameOf(file)));
							void start({ ...selection, files }, 'keep-both');
						}}
					/>
				)}
			</>
		),
	};
}

const nameOf = ({ file }: Selection['files'][number]): string => file.name.normalize('NFC');

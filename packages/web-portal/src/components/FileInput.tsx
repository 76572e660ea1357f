import type { Ref } from 'react';

interface Props {
	readonly ref: Ref<HTMLInputElement>;
	readonly label: string;
	readonly wholeFolder?: boolean;
	readonly onFiles: (files: readonly File[]) => void;
}

/** The browser's own file chooser, opened by `click()` on its ref. */
export function FileInput({ ref, label, wholeFolder = false, onFiles }: Props) {
	return (
		<input
			ref={ref}
			type="file"
			hidden
			multiple
			aria-label={label}
			{...(wholeFolder && { webkitdirectory: '' })}
			onChange={({ currentTarget }) => {
				onFiles(Array.from(currentTarget.files ?? []));
				// Emptied, so that the same file can be chosen again.
				currentTarget.value = '';
			}}
		/>
	);
}

import { childPath, splitPath } from '@mydropbox/protocol/web';

/** What a person chose or dropped, with the folders it came in. */
export interface Selection {
	/** Paths of folders to make first, parents before children. */
	readonly folders: readonly string[];
	readonly files: readonly { readonly folder: string; readonly file: File }[];
}

/** From a file chooser; one that chooses a whole folder tells where in it each file was. */
export function chosen(files: Iterable<File>, target: string): Selection {
	const folders = new Set<string>();
	const placed = Array.from(files, (file) => {
		const inside = splitPath(`/${file.webkitRelativePath || file.name}`)[0];
		const names = inside.split('/').filter((name) => name !== '');
		let folder = target;
		for (const name of names) {
			folder = childPath(folder, name.normalize('NFC'));
			folders.add(folder);
		}
		return { folder, file };
	});
	return { folders: [...folders], files: placed };
}

/** From a drop, folders with all that is in them, empty ones too. Call it in the drop event itself: later its data is gone. */
export async function dropped(data: DataTransfer, target: string): Promise<Selection> {
	const items = Array.from(data.items).filter((item) => item.kind === 'file');
	const entries = items.map((item) => item.webkitGetAsEntry() ?? item.getAsFile());
	const folders: string[] = [];
	const files: { folder: string; file: File }[] = [];
	await collect(
		entries.filter((entry) => entry !== null),
		target,
	);
	return { folders, files };

	async function collect(entries: readonly (FileSystemEntry | File)[], folder: string): Promise<void> {
		for (const entry of entries) {
			if (entry instanceof File) {
				// What another page made has no place in a file system.
				files.push({ folder, file: entry });
			} else if (entry.isDirectory) {
				const path = childPath(folder, entry.name.normalize('NFC'));
				folders.push(path);
				await collect(await entriesOf(entry as FileSystemDirectoryEntry), path);
			} else {
				const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
				files.push({ folder, file });
			}
		}
	}
}

/** A reader hands out a directory in pieces, until one is empty. */
async function entriesOf(directory: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
	const reader = directory.createReader();
	const all: FileSystemEntry[] = [];
	for (;;) {
		const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
		if (some.length === 0) return all;
		all.push(...some);
	}
}

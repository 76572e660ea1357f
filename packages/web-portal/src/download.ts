import { contentUrl } from './api/files.ts';
import { checkDownload } from './api/request.ts';

export interface Download {
	readonly name: string;
	readonly path: string;
	/** The latest when left out. */
	readonly version?: number;
}

/**
 * Looks first whether it would work: a browser's own message about a failed download says nothing.
 * @throws what `checkDownload` throws.
 */
export async function download({ name, path, version }: Download): Promise<void> {
	const url = contentUrl(path, version);
	await checkDownload(url);
	const link = document.createElement('a');
	link.href = url;
	link.download = name;
	link.click();
}

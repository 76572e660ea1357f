import { checkDownload } from './api/request.ts';

export interface Download {
	/** What the browser is to call it. */
	readonly name: string;
	readonly url: string;
}

/**
 * Looks first whether it would work: a browser's own message about a failed download says nothing.
 * @throws what `checkDownload` throws.
 */
export async function download({ name, url }: Download): Promise<void> {
	await checkDownload(url);
	const link = document.createElement('a');
	link.href = url;
	link.download = name;
	link.click();
}

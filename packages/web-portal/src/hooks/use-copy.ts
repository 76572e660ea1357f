import { useEffect, useState } from 'react';

const SHOWN_MS = 2000;

/** Copies text; `copied` is true for a moment afterwards. */
export function useCopy(text: string): { copied: boolean; copy: () => void } {
	const [copied, setCopied] = useState(false);
	useEffect(() => {
		if (!copied) return;
		const timer = setTimeout(() => setCopied(false), SHOWN_MS);
		return () => clearTimeout(timer);
	}, [copied]);
	return { copied, copy: () => void copyText(text).then(setCopied) };
}

/** @returns whether it worked. */
async function copyText(text: string): Promise<boolean> {
	try {
		await navigator.clipboard.writeText(text);
		return true;
	} catch {
		// Without HTTPS, as in most homes, browsers have no `navigator.clipboard`; the old way still works there.
		return copySelection(text);
	}
}

function copySelection(text: string): boolean {
	const focused = document.activeElement;
	const area = document.createElement('textarea');
	area.value = text;
	area.style.position = 'fixed';
	area.style.opacity = '0';
	document.body.append(area);
	area.select();
	const worked = document.execCommand('copy');
	area.remove();
	if (focused instanceof HTMLElement) focused.focus();
	return worked;
}

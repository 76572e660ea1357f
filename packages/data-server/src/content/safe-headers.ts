import { create } from 'content-disposition';
import mime from 'mime-types';

/**
 * Types that a browser shows without running anything of the uploader's. SVG is an image that runs scripts, so it is
 * not among them. Everything else is downloaded, whatever was asked.
 */
const SHOWN_INLINE = /^(image\/(?!svg)[\w.+-]+|audio\/[\w.+-]+|video\/[\w.+-]+|text\/plain|application\/pdf)$/;

const NOTHING_RUNS = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; media-src 'self'; sandbox";
/** A browser's PDF viewer does not start in a sandbox. It shows, and runs nothing with rights on this origin. */
const PDF_VIEWER = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'";

/** Headers for a file that anybody may have uploaded: it must never act as a page of this site. */
export function safeHeaders(name: string, disposition: 'attachment' | 'inline'): Record<string, string> {
	const type = mime.lookup(name) || 'application/octet-stream';
	const inline = disposition === 'inline' && SHOWN_INLINE.test(type);
	return {
		'Content-Type': type.startsWith('text/') ? `${type}; charset=utf-8` : type,
		'Content-Disposition': create(name, { type: inline ? 'inline' : 'attachment' }),
		'X-Content-Type-Options': 'nosniff',
		'Content-Security-Policy': inline && type === 'application/pdf' ? PDF_VIEWER : NOTHING_RUNS,
	};
}

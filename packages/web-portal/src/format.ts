const UNITS = ['bytes', 'KB', 'MB', 'GB', 'TB', 'PB'];

/** "1.2 GB": decimal units, like disks and the quota; one decimal below 10, none when it is zero. @param locale the reader's own when left out. */
export function formatBytes(bytes: number, locale?: string): string {
	let value = bytes;
	let unit = 0;
	while (value >= 999.5 && unit < UNITS.length - 1) {
		value /= 1000;
		unit++;
	}
	const digits = unit > 0 && value < 9.95 ? 1 : 0;
	const text = new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(value);
	return `${text} ${unit === 0 && bytes === 1 ? 'byte' : UNITS[unit]}`;
}

const time = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' });

/** "Today, 14:32" for today, else the day. */
export const formatDate = (iso: string, now?: Date): string => sayDate(iso, day, now);

/** "Today, 14:32" or "Nov 28, 2026, 14:32", where there may be several of one day. */
export const formatDateAndTime = (iso: string, now?: Date): string => sayDate(iso, moment, now);

/** "Nov 28, 2026, 14:32", in the middle of a sentence. */
export const formatMoment = (iso: string): string => moment.format(new Date(iso));

function sayDate(iso: string, otherDays: Intl.DateTimeFormat, now = new Date()): string {
	const date = new Date(iso);
	return date.toDateString() === now.toDateString() ? `Today, ${time.format(date)}` : otherDays.format(date);
}

export const formatFullDate = (iso: string): string => full.format(new Date(iso));

export const plural = (count: number, one: string, many = `${one}s`): string =>
	`${new Intl.NumberFormat().format(count)} ${count === 1 ? one : many}`;

/** "“plan.txt”", or "3 things". */
export const sayEntries = (entries: readonly { readonly name: string }[]): string =>
	entries.length === 1 ? `“${entries[0]?.name}”` : plural(entries.length, 'thing');

/** "Photos / 2026", or "Files" for the root folder. */
export const sayFolder = (path: string): string => (path === '/' ? 'Files' : path.slice(1).replaceAll('/', ' / '));

/** What the server calls this site where it names a device. */
const WEBSITE = 'website';

/** "from laptop", "on laptop", "on the website". */
export const deviceText = (preposition: 'from' | 'on', device: string): string =>
	device === WEBSITE ? 'on the website' : `${preposition} ${device}`;

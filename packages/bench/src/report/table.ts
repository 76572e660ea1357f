import type { Peer } from '../peers/peer.ts';
import type { About } from '../results.ts';
import type { Cell, Row } from './rows.ts';

const YARDSTICK = 'rsync';
const HEADER = [
	'workload',
	'tool',
	'median (min–max)',
	'× rsync',
	'CPU s',
	'peak MB A · server · B',
	'MB A–server',
	'MB server–B',
];

/** One table of everything, in Markdown. */
export function table(rows: readonly Row[], peers: Readonly<Record<string, Peer>>): string {
	const lines = rows.flatMap((row) => {
		const yardstick = row.cells.find(({ peer }) => peer === YARDSTICK)?.value;
		return row.cells.map((cell, index) => {
			const name = row.what ? `${row.workload} ${row.what}` : row.workload;
			return [index === 0 ? `**${name}**` : '', peers[cell.peer]?.name ?? cell.peer, ...columns(cell, row, yardstick)];
		});
	});
	const rule = HEADER.map((_, index) => (index < 2 ? '---' : '---:'));
	return [HEADER, rule, ...lines].map((line) => `| ${line.join(' | ')} |`).join('\n');
}

function columns(cell: Cell, { unit }: Row, yardstick: number | undefined): string[] {
	const { value, least, most, p95, cpuSeconds, peakBytes, hopBytes, failed } = cell;
	if (failed !== undefined || value === undefined) return [`failed: ${failed?.split('\n')[0]}`, '', '', '', '', ''];
	const range = least === most ? '' : ` (${digits(least!)}–${digits(most!)})`;
	const tail = p95 === undefined ? '' : `, p95 ${digits(p95)} ${unit}`;
	const [first, second] = hopBytes ?? [];
	return [
		`${digits(value)} ${unit}${range}${tail}`,
		yardstick && unit === 's' ? `${digits(value / yardstick)}` : '',
		cpuSeconds === undefined ? '' : digits(cpuSeconds),
		peakBytes ? [peakBytes.a, peakBytes.server, peakBytes.b].map((bytes) => Math.round(bytes / 1e6)).join(' · ') : '',
		first === undefined ? '' : digits(first / 1e6),
		second === undefined ? '' : digits(second / 1e6),
	];
}

/** Three that count. */
function digits(value: number): string {
	if (value >= 100) return value.toFixed(0);
	return value.toFixed(value >= 10 ? 1 : value >= 0.995 ? 2 : 3);
}

/** The table with what a reader must know to judge it. */
export function page(rows: readonly Row[], peers: Readonly<Record<string, Peer>>, about: About): string {
	const workloads = [...new Map(rows.map(({ workload, title }) => [workload, title]))];
	const tools = Object.entries(peers).map(([name, { name: title, settings }]) => {
		const version = about.versions[name];
		return `- **${title}** ${version ? `${version}: ${settings}` : 'is missing on this machine'}`;
	});
	return [
		`${about.machine}; ${about.startedAt.slice(0, 10)}.`,
		'From a change on A, over the server, until B is complete. Afterwards every byte, link and exec bit of A and B is',
		'compared; a row is only here when they were the same. CPU is that of all processes of a tool; the peak is that of',
		'the largest process on each machine; what travelled is counted on the two cables, both directions, with headers.',
		'',
		table(rows, peers),
		'',
		...workloads.map(([id, title]) => `- **${id}**: ${title}`),
		'',
		...tools,
		'',
	].join('\n');
}

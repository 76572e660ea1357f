import type { Peer } from '../peers/peer.ts';
import type { Row } from './rows.ts';

const WIDTH = 860;
const PANEL_GAP = 26;
const BAR = 18;
const LABEL = 150;
const NUMBERS = 90;
const SUBJECT = 'mydropbox';

/** Bars for each row that is measured in seconds, each panel on its own scale; shorter is better. */
export function chart(rows: readonly Row[], peers: Readonly<Record<string, Peer>>): string {
	let y = 16;
	const panels = rows
		.filter(({ unit, cells }) => unit === 's' && cells.length > 1)
		.map((row) => {
			const bars = row.cells.filter(({ value }) => value !== undefined);
			const most = Math.max(...bars.map(({ value }) => value!));
			const title = `<text x="0" y="${y}" class="title">${escaped(`${row.workload} · ${row.what || row.title}`)}</text>`;
			y += 8;
			const lines = bars.map(({ peer, value }) => {
				const length = Math.max(1, (value! / most) * (WIDTH - LABEL - NUMBERS));
				const middle = y + BAR / 2 + 4;
				const line = [
					`<text x="${LABEL - 8}" y="${middle}" class="name">${escaped(peers[peer]?.name ?? peer)}</text>`,
					`<rect x="${LABEL}" y="${y + 2}" width="${length.toFixed(1)}" height="${BAR - 4}" class="${peer === SUBJECT ? 'own' : peer === 'floor' ? 'floor' : 'other'}"/>`,
					`<text x="${(LABEL + length + 6).toFixed(1)}" y="${middle}">${value!.toFixed(value! < 1 ? 2 : 1)} s</text>`,
				];
				y += BAR;
				return line.join('');
			});
			y += PANEL_GAP;
			return [title, ...lines].join('\n');
		});
	return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y}" viewBox="0 0 ${WIDTH} ${y}" role="img" aria-label="Seconds from a change on A until B is complete, by tool">
<style>
text { font: 12px system-ui, sans-serif; fill: #57606a }
.title { font-weight: 600 }
.name { text-anchor: end }
.own { fill: #0a66ff }
.other { fill: #a9b4c0 }
.floor { fill: none; stroke: #a9b4c0; stroke-dasharray: 3 2 }
@media (prefers-color-scheme: dark) { text { fill: #b6c2cf } .own { fill: #5b9dff } .other { fill: #5c6875 } }
</style>
${panels.join('\n')}
</svg>
`;
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

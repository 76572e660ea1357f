import { readFileSync, writeFileSync } from 'node:fs';
import { ERROR_STATUS, LIMITS, REFUSALS } from '../src/index.ts';

const PAGE = new URL('../../../docs/protocol.md', import.meta.url);

/** As biome formats it: the columns aligned. */
function table(...rows: (readonly [string, string | number])[]): string {
	const widths = [0, 1].map((column) => Math.max(...rows.map((row) => String(row[column]).length)));
	const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
	const [head, ...body] = rows.map((row) => line(row.map((cell, column) => String(cell).padEnd(widths[column]!))));
	return [head, line(widths.map((width) => '-'.repeat(width))), ...body].join('\n');
}

const inCode = ([name, value]: [string, string | number]): [string, string | number] => [`\`${name}\``, value];

const TABLES: Record<string, string> = {
	errors: table(['code', 'status'], ...Object.entries(ERROR_STATUS).map(inCode)),
	refusals: table(['code', 'meaning'], ...Object.entries(REFUSALS).map(inCode)),
	limits: table(
		['limit', 'value'],
		...Object.entries(LIMITS).map(([name, value]) => inCode([name, value.toLocaleString('en')])),
	),
};

/** To write them anew: MYDROPBOX_WRITE_DOCS=1 npm test -- packages/protocol */
test('the tables in docs/protocol.md are those of the code', () => {
	const page = readFileSync(PAGE, 'utf8');
	const fresh = page.replace(
		/<!-- generated: (\w+) -->\n[\s\S]*?<!-- end -->/g,
		(_, name: string) => `<!-- generated: ${name} -->\n${TABLES[name]}\n<!-- end -->`,
	);
	if (process.env.MYDROPBOX_WRITE_DOCS) writeFileSync(PAGE, fresh);
	else expect(page).toBe(fresh);
	for (const name of Object.keys(TABLES)) expect(page).toContain(`<!-- generated: ${name} -->`);
});

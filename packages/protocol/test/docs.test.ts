import { readFileSync, writeFileSync } from 'node:fs';
import { ERROR_STATUS, LIMITS, REFUSALS } from '../src/index.ts';

const PAGE = new URL('../../../docs/protocol.md', import.meta.url);

const table = (head: readonly string[], rows: readonly (readonly unknown[])[]): string =>
	[head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');

const TABLES: Record<string, string> = {
	errors: table(
		['code', 'status'],
		Object.entries(ERROR_STATUS).map(([code, status]) => [`\`${code}\``, status]),
	),
	refusals: table(
		['code', 'meaning'],
		Object.entries(REFUSALS).map(([code, meaning]) => [`\`${code}\``, meaning]),
	),
	limits: table(
		['limit', 'value'],
		Object.entries(LIMITS).map(([name, value]) => [`\`${name}\``, value.toLocaleString('en')]),
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

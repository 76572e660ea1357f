import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Name, NodeId } from '@mydropbox/protocol';
import type { Place } from '@mydropbox/sync-engine';
import fc from 'fast-check';
import { RuleView } from '../src/ignore/rule-view.ts';

/** Texts of rule files by the folder they are in: '' is the root, others end in a slash. */
type Rules = Readonly<Record<string, string>>;

/** Names that are patterns themselves, that begin or end like one, and that differ by little. */
const FOLDERS = ['', 'a/', 'b c/', 'a/a/', 'a/foo/', 'b c/[x]/', 'a/a/b/', '#h/', '!n/'];
const FILES = ['a.log', 'foo', 'b', 'B', 'x y', '.dot', 'st*r', 'a.log.txt', '[x]', '\\', '#h', '!n', 'end '];
const PATHS = FOLDERS.flatMap((folder) => [
	...(folder === '' ? [] : [folder]),
	...FILES.map((name) => folder + name).filter((path) => !FOLDERS.includes(`${path}/`)),
]);

const part = fc.oneof(
	{ weight: 3, arbitrary: fc.constantFrom('a', 'b', 'foo', 'log', '.log', 'x', '.', 'dot', 'B', 'b c', 'end') },
	{ weight: 2, arbitrary: fc.constantFrom('*', '**', '?', '[x]', '[ab]', '[!a]', '[a-f]', '[[:alpha:]]', '\\', '[') },
	{ weight: 2, arbitrary: fc.constant('/') },
	{ weight: 1, arbitrary: fc.constantFrom('\\*', '\\[', '\\ ', '\\#', '\\!', '#', '!', ' ') },
);
const line = fc.oneof(
	{ weight: 5, arbitrary: fc.array(part, { maxLength: 5 }).map((parts) => parts.join('')) },
	{ weight: 2, arbitrary: fc.constantFrom(...PATHS) },
	{ weight: 1, arbitrary: fc.constantFrom('*', '*/', '!*/', '**', '/**/b', 'a/**', '', '# note', '*.log', '  ', '/') },
);
/** Beside anything but slashes two stars are one, as the manual says; git itself sees that only after a wildcard. */
const hasOddStars = (pattern: string): boolean => /[^/]\*\*|\*\*[^/]/.test(pattern);
const text = fc
	.array(
		fc.tuple(
			fc.constantFrom('', '', '!'),
			line.filter((each) => !hasOddStars(each)),
			fc.constantFrom('', '', '/', ' '),
		),
		{ maxLength: 4 },
	)
	.chain((lines) => fc.constantFrom('\n', '\r\n').map((end) => lines.map((each) => each.join('') + end).join('')));
const rules: fc.Arbitrary<Rules> = fc.record(
	{ '': text, 'a/': text, 'b c/': text, 'a/a/': text, 'b c/[x]/': text },
	{ requiredKeys: [''] },
);

let repository: string;
beforeAll(() => {
	repository = fs.mkdtempSync(join(tmpdir(), 'mydropbox-ignore-'));
	execFileSync('git', ['init', '-q', repository]);
});
afterAll(() => fs.rmSync(repository, { recursive: true, force: true }));

/** What git ignores under each of the rules. */
function askGit(worlds: readonly Rules[]): string[][] {
	worlds.forEach((world, index) => {
		const root = join(repository, String(index));
		fs.rmSync(root, { recursive: true, force: true });
		for (const path of PATHS) {
			fs.mkdirSync(join(root, path.endsWith('/') ? path : dirname(path)), { recursive: true });
			if (!path.endsWith('/')) fs.writeFileSync(join(root, path), '');
		}
		for (const [folder, content] of Object.entries(world)) fs.writeFileSync(join(root, folder, '.gitignore'), content);
	});
	const input = worlds.flatMap((_, index) => PATHS.map((path) => `${index}/${bare(path)}`)).join('\0');
	const options = ['-c', 'core.ignorecase=false', '-c', 'core.excludesfile=/dev/null'];
	const command = [...options, '-C', repository, 'check-ignore', '--no-index', '-z', '--stdin'];
	const answer = askWithStatus(command, input).split('\0');
	return worlds.map((_, index) => {
		const own = new Set(answer.filter((path) => path.startsWith(`${index}/`)));
		return PATHS.filter((path) => own.has(`${index}/${bare(path)}`));
	});
}

/** With a slash at its end, git would take a folder for something in it. */
const bare = (path: string): string => path.replace(/\/$/, '');

/** Status 1 says that nothing is ignored. */
function askWithStatus(command: readonly string[], input: string): string {
	try {
		return execFileSync('git', command, { input, encoding: 'utf8' });
	} catch (error) {
		if ((error as { status?: number }).status === 1) return '';
		throw error;
	}
}

/** What we ignore: as the scanner does it, which never looks into what is ignored. */
function askOurselves(world: Rules): string[] {
	const placeOf = (id: NodeId): Place => {
		const cut = id.lastIndexOf('/', id.length - 2) + 1;
		return { parent: id.slice(0, cut) as NodeId, name: id.slice(cut, -1) as Name };
	};
	const view = new RuleView({ root: '' as NodeId, placeOf, rulesOf: (folder) => world[folder] });
	const ignored = new Set<string>();
	for (const path of [...PATHS].sort((a, b) => a.length - b.length)) {
		const isFolder = path.endsWith('/');
		const { parent, name } = placeOf((isFolder ? path : `${path}/`) as NodeId);
		if (ignored.has(parent) || view.ignores(parent, name, isFolder)) ignored.add(path);
	}
	return PATHS.filter((path) => ignored.has(path));
}

const runs = { numRuns: Number(process.env.MYDROPBOX_PROPERTY_RUNS ?? 150) / 10 };

test('ignores exactly what git ignores', () => {
	fc.assert(
		fc.property(fc.array(rules, { minLength: 1, maxLength: 40 }), (worlds) => {
			const expected = askGit(worlds);
			for (const [index, world] of worlds.entries()) {
				expect([world, askOurselves(world)]).toEqual([world, expected[index]]);
			}
		}),
		runs,
	);
}, 120_000);

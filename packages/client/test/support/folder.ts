import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Texts of files by path; a path that ends in a slash is an empty folder, a text that begins with "→ " a link. */
export type Drawing = Readonly<Record<string, string>>;

/** A real folder for one test. */
export class TestFolder {
	readonly dir = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), 'mydropbox-test-')));
	/** The synced folder. */
	readonly folder = join(this.dir, 'myDropbox');
	readonly tempDir = join(this.folder, '.mydropbox', 'tmp');

	constructor(drawing: Drawing = {}) {
		fs.mkdirSync(this.tempDir, { recursive: true });
		this.draw(drawing);
	}

	path(...names: string[]): string {
		return join(this.folder, ...names);
	}

	/** Files get an old mtime, so that a later write is never within the same tick of the clock. */
	draw(drawing: Drawing): void {
		for (const [name, text] of Object.entries(drawing)) {
			const path = this.path(name);
			fs.mkdirSync(name.endsWith('/') ? path : dirname(path), { recursive: true });
			if (text.startsWith('→ ')) fs.symlinkSync(text.slice(2), path);
			else if (!name.endsWith('/')) {
				fs.writeFileSync(path, text);
				fs.utimesSync(path, 1_700_000_000, 1_700_000_000);
			}
		}
	}

	drawing(): Drawing {
		return drawingOf(this.folder);
	}

	temporary(): string[] {
		return fs.readdirSync(this.tempDir).sort();
	}

	remove(): void {
		fs.rmSync(this.dir, { recursive: true, force: true });
	}
}

export function drawingOf(folder: string, prefix = ''): Drawing {
	const drawing: Record<string, string> = {};
	for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
		const name = prefix + entry.name;
		const path = join(folder, entry.name);
		if (name === '.mydropbox') continue;
		if (entry.isSymbolicLink()) drawing[name] = `→ ${fs.readlinkSync(path)}`;
		else if (entry.isFile()) drawing[name] = fs.readFileSync(path, 'utf8');
		else {
			const below = drawingOf(path, `${name}/`);
			if (Object.keys(below).length === 0) drawing[`${name}/`] = '';
			Object.assign(drawing, below);
		}
	}
	return drawing;
}

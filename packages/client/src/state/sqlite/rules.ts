import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { NodeId } from '@mydropbox/protocol';
import type { RuleFile, Rules } from '../tables.ts';

export class SqliteRules implements Rules {
	readonly #get: StatementSync;
	readonly #set: StatementSync;
	readonly #delete: StatementSync;
	readonly #clear: StatementSync;
	readonly #any: StatementSync;

	constructor(db: DatabaseSync) {
		this.#get = db.prepare('select stamp, text from rules where folder = ?');
		this.#set = db.prepare('insert or replace into rules (folder, stamp, text) values (?, ?, ?)');
		this.#delete = db.prepare('delete from rules where folder = ?');
		this.#clear = db.prepare('delete from rules');
		this.#any = db.prepare('select exists (select 1 from rules) as found');
	}

	get isEmpty(): boolean {
		return this.#any.get()!.found === 0;
	}

	get(folder: NodeId): RuleFile | undefined {
		const row = this.#get.get(folder);
		return row && { stamp: row.stamp as string, text: row.text as string };
	}

	set(folder: NodeId, { stamp, text }: RuleFile): void {
		this.#set.run(folder, stamp, text);
	}

	delete(folder: NodeId): void {
		this.#delete.run(folder);
	}

	clear(): void {
		this.#clear.run();
	}
}

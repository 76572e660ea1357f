import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { ContentHash, NodeId } from '@mydropbox/protocol';
import { sameNode } from '@mydropbox/sync-engine';
import { PARTS } from '../parts.ts';
import { Recent } from '../recent.ts';
import type { SqliteContents } from './contents.ts';
import {
	ALL_TREES,
	addRow,
	BIT,
	COLUMNS,
	CONTENT,
	cellsOf,
	firstTreeOf,
	isAlike,
	isAlikeVersion,
	type NodeOf,
	type Row,
	type State,
	statesOf,
	type TreeName,
	type Trio,
} from './state.ts';

/** What only the nodes of that tree have. */
const OWN_COLUMNS: Record<TreeName, readonly string[]> = {
	remote: ['rev'],
	local: ['disk_name', 'identity', 'stamp', 'disk_mtime', 'racy'],
	synced: [],
};

/** A node, and the number of the row that each of its states has, in their order. */
interface Known extends Trio {
	rows: number[];
}

/**
 * The nodes of the three trees. At rest a node is alike in all of them, so what has a row is a state of a node, and the row
 * says which trees have it. The nodes that were used last are in memory; what a transaction makes of a node is written once,
 * at its end, or when the table is asked for more than one node.
 */
export class SqliteTrees {
	readonly #db: DatabaseSync;
	readonly #contents: SqliteContents;
	readonly #changed: (id: NodeId) => void;
	readonly #known: Recent<NodeId, Known>;
	#last: { readonly id: NodeId; readonly node: Known } | undefined;
	/** With the states that the table has of them. */
	readonly #unwritten = new Map<Known, State[]>();
	readonly #get: StatementSync;
	readonly #insert: StatementSync;
	readonly #delete: StatementSync;
	readonly #differing: StatementSync;
	/** By the columns that they write, a bit for each. */
	readonly #updates = new Map<number, StatementSync>();

	/** @param nodes remembered at least. */
	constructor(db: DatabaseSync, contents: SqliteContents, nodes: number, changed: (id: NodeId) => void) {
		this.#db = db;
		this.#contents = contents;
		this.#changed = changed;
		this.#known = new Recent(nodes, () => this.write());
		this.#get = this.select('where id = ?');
		this.#insert = db.prepare(
			`insert into states (${COLUMNS.join(', ')}, id) values (${COLUMNS.map(() => '?').join(', ')}, ?)`,
		);
		this.#delete = db.prepare('delete from states where row = ?');
		this.#differing = db.prepare(`select id from states where trees < ${ALL_TREES}`);
		this.#differing.setReturnArrays(true);
	}

	/** @returns a statement that answers with a `Row` for each state of those. */
	select(which: string): StatementSync {
		const columns = COLUMNS.map((column) => (column === 'content' ? 'contents.hash' : `states.${column}`));
		const statement = this.#db.prepare(
			`select row, id, ${columns.join(', ')} from states left join contents on number = content ${which}`,
		);
		statement.setReturnArrays(true);
		return statement;
	}

	/** What the table says, with all that was changed. */
	ask<Answer>(statement: StatementSync, ...values: SQLInputValue[]): Answer[] {
		this.write();
		return statement.all(...values) as unknown[] as Answer[];
	}

	get(id: NodeId): Trio {
		return this.#node(id);
	}

	/** Asked for one tree after the other, it is the same node each time. */
	#node(id: NodeId): Known {
		if (this.#last?.id === id) return this.#last.node;
		const node = this.#known.get(id) ?? this.#read(id);
		this.#last = { id, node };
		return node;
	}

	#read(id: NodeId): Known {
		const node: Known = { remote: undefined, local: undefined, synced: undefined, rows: [] };
		const rows = this.#get.all(id) as unknown as Row[];
		if (rows.length > 1) rows.sort((a, b) => firstTreeOf(a) - firstTreeOf(b));
		for (const row of rows) addRow(row, node);
		node.rows = rows.map(([row]) => row);
		this.#known.set(id, node);
		return node;
	}

	set<Tree extends TreeName>(tree: Tree, node: NodeOf[Tree]): void {
		const known = this.#node(node.id);
		const { remote, local, synced } = known;
		const like = [remote, local, synced].find((other) => other && isAlikeVersion(other.version, node.version));
		this.#change(known, node.id, tree, PARTS[tree](node as never, like?.version) as NodeOf[Tree]);
	}

	delete(tree: TreeName, id: NodeId): void {
		const known = this.#node(id);
		if (known[tree]) this.#change(known, id, tree, undefined);
	}

	#change<Tree extends TreeName>(known: Trio & Known, id: NodeId, tree: Tree, node: NodeOf[Tree] | undefined): void {
		if (!this.#unwritten.has(known)) this.#unwritten.set(known, statesOf(known));
		(known as Trio)[tree] = node;
		this.#changed(id);
		if (!this.#db.isTransaction) this.#atOnce(() => this.write());
	}

	/** To be called before a transaction ends. */
	write(): void {
		for (const [node, before] of this.#unwritten) this.#write(node, before, statesOf(node));
		this.#unwritten.clear();
	}

	/** Each state takes the row of one that is alike, or else of any that is no more. */
	#write(node: Known, before: readonly State[], now: readonly State[]): void {
		const free = before.map((state, index) => ({ state, row: node.rows[index]! }));
		const alike = now.map(({ node }) => {
			const index = free.findIndex(({ state }) => isAlike(state.node, node));
			return index < 0 ? undefined : free.splice(index, 1)[0];
		});
		node.rows = now.map((state, index) => {
			const taken = alike[index] ?? free.pop();
			return taken ? this.#update(taken.row, taken.state, state) : this.#new(state);
		});
		for (const { row } of free) this.#delete.run(row);
	}

	#new(state: State): number {
		const cells = cellsOf(state).map((cell, column) => this.#valueOf(cell, column));
		return Number(this.#insert.run(...cells, state.node.id).lastInsertRowid);
	}

	/** Writes what is another, so that no index of what is not is touched. */
	#update(row: number, before: State, now: State): number {
		const old = cellsOf(before);
		const cells = cellsOf(now);
		let columns = 0;
		const values: SQLInputValue[] = [];
		for (const [index, cell] of cells.entries()) {
			if (cell === old[index]) continue;
			columns |= 1 << index;
			values.push(this.#valueOf(cell, index));
		}
		if (columns !== 0) this.#updateOf(columns).run(...values, row);
		return row;
	}

	#valueOf(cell: SQLInputValue, column: number): SQLInputValue {
		return column === CONTENT && cell !== null ? this.#contents.numberOf(cell as ContentHash) : cell;
	}

	#updateOf(columns: number): StatementSync {
		const known = this.#updates.get(columns);
		if (known) return known;
		const news = COLUMNS.filter((_, index) => columns & (1 << index)).map((column) => `${column} = ?`);
		const statement = this.#db.prepare(`update states set ${news.join(', ')} where row = ?`);
		this.#updates.set(columns, statement);
		return statement;
	}

	clear(tree: TreeName, ids: readonly NodeId[]): void {
		for (const id of ids) this.#changed(id);
		const bit = BIT[tree];
		const nothing = OWN_COLUMNS[tree].map((column) => `, ${column} = null`).join('');
		this.#atOnce(() => {
			this.write();
			this.#db.exec(`update states set trees = trees - ${bit} ${nothing} where trees & ${bit}`);
			this.#db.exec('delete from states where trees = 0');
		});
		this.forget();
	}

	/** The nodes that are not alike in all trees. */
	differing(): NodeId[] {
		const ids = this.ask<[NodeId]>(this.#differing).map(([id]) => id);
		return [...new Set(ids)].filter((id) => {
			const { remote, local, synced } = this.get(id);
			return !sameNode(remote, synced) || !sameNode(local, synced);
		});
	}

	/** As the table says; to be called when a transaction was taken back. */
	forget(): void {
		this.#known.clear();
		this.#last = undefined;
		this.#unwritten.clear();
	}

	/** All or nothing, also outside a transaction. */
	#atOnce(work: () => void): void {
		const isAlone = !this.#db.isTransaction;
		if (isAlone) this.#db.exec('begin immediate');
		try {
			work();
			if (isAlone) this.#db.exec('commit');
		} catch (error) {
			if (isAlone && this.#db.isTransaction) this.#db.exec('rollback');
			this.forget();
			throw error;
		}
	}
}

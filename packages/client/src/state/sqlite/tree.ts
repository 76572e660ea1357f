import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { Name, NodeId } from '@mydropbox/protocol';
import type { LocalNode } from '../nodes.ts';
import type { LocalTable, SyncedNodes, Table } from '../tables.ts';
import { Places } from './places.ts';
import { ALL_TREES, addRow, BIT, type NodeOf, type Row, type TreeName, type Trio } from './state.ts';
import type { SqliteTrees } from './trees.ts';

/** One of the three trees. */
export class SqliteTree<Tree extends TreeName> implements Table<NodeOf[Tree]> {
	protected readonly trees: SqliteTrees;
	readonly #tree: Tree;
	readonly #places = new Places();
	readonly #ids: StatementSync;
	readonly #count: StatementSync;
	readonly #child: StatementSync;
	readonly #children: StatementSync;

	constructor(db: DatabaseSync, trees: SqliteTrees, tree: Tree) {
		this.trees = trees;
		this.#tree = tree;
		const isIn = `trees in (${treesWith(BIT[tree]).join(', ')})`;
		this.#ids = db.prepare(`select id from states where ${isIn}`);
		this.#count = db.prepare(`select count(*) from states where ${isIn}`);
		for (const statement of [this.#ids, this.#count]) statement.setReturnArrays(true);
		this.#child = trees.select(`where parent = ? and name = ? and trees & ${BIT[tree]}`);
		this.#children = trees.select(`where parent = ? and trees & ${BIT[tree]}`);
	}

	get(id: NodeId): NodeOf[Tree] | undefined {
		return this.trees.get(id)[this.#tree];
	}

	child(parent: NodeId, name: Name): NodeOf[Tree] | undefined {
		const known = this.#places.get(parent, name);
		if (known === null) return undefined;
		const there = known === undefined ? undefined : this.get(known);
		if (there?.parent === parent && there.name === name) return there;
		const node = this.nodes(this.#child, parent, name)[0];
		this.#places.set(parent, name, node?.id ?? null);
		return node;
	}

	children(parent: NodeId): NodeOf[Tree][] {
		return this.nodes(this.#children, parent);
	}

	ids(): NodeId[] {
		return this.trees.ask<[NodeId]>(this.#ids).map(([id]) => id);
	}

	count(): number {
		return this.trees.ask<[number]>(this.#count)[0]![0];
	}

	set(node: NodeOf[Tree]): void {
		this.trees.set(this.#tree, node);
		this.#places.settle(node.parent, node.name, node.id);
	}

	delete(id: NodeId): void {
		this.trees.delete(this.#tree, id);
	}

	clear(): void {
		this.trees.clear(this.#tree, this.ids());
		this.forget();
	}

	/** As the table says; to be called when a transaction was taken back. */
	forget(): void {
		this.#places.clear();
	}

	protected nodes(statement: StatementSync, ...values: SQLInputValue[]): NodeOf[Tree][] {
		return this.trees.ask<Row>(statement, ...values).map((row) => {
			const node: Trio = { remote: undefined, local: undefined, synced: undefined };
			addRow(row, node);
			return node[this.#tree]!;
		});
	}
}

const treesWith = (bit: number): number[] => Array.from({ length: ALL_TREES + 1 }, (_, i) => i).filter((i) => i & bit);

export class SqliteLocalTree extends SqliteTree<'local'> implements LocalTable {
	readonly #byIdentity: StatementSync;
	readonly #byContent: StatementSync;

	constructor(db: DatabaseSync, trees: SqliteTrees) {
		super(db, trees, 'local');
		this.#byIdentity = trees.select('where identity = ?');
		this.#byContent = trees.select('where content = ? and identity is not null limit 1');
	}

	byIdentity(identity: string): LocalNode[] {
		return this.nodes(this.#byIdentity, identity);
	}

	/** One that has it. */
	byContent(content: number): LocalNode | undefined {
		return this.nodes(this.#byContent, content)[0];
	}
}

export class SqliteSynced extends SqliteTree<'synced'> implements SyncedNodes {
	readonly #countFiles: StatementSync;

	constructor(db: DatabaseSync, trees: SqliteTrees) {
		super(db, trees, 'synced');
		this.#countFiles = db.prepare(`select count(*) from states where trees & ${BIT.synced} and kind <> 'folder'`);
		this.#countFiles.setReturnArrays(true);
	}

	countFiles(): number {
		return this.trees.ask<[number]>(this.#countFiles)[0]![0];
	}
}

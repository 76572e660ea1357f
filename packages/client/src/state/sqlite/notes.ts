import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { NodeId } from '@mydropbox/protocol';
import type { TreeNode } from '@mydropbox/sync-engine';
import type { Nodes } from '../tables.ts';

/** Rows may tell this many times as many changes as there are notes; then they are written anew. */
const MOST_CHANGES_PER_NOTE = 4;
/** …but fewer changes than this are not worth it. */
const FEW_CHANGES = 2000;

/**
 * Notes that come and go by the hundred: all of them are in memory, and the database has what each transaction changed,
 * in one row. That is a tenth of the work of a row for each, written and deleted again.
 */
export class SqliteNotes<Node extends TreeNode> implements Nodes<Node> {
	readonly #db: DatabaseSync;
	readonly #parts: (node: Node) => Node;
	readonly #nodes = new Map<NodeId, Node>();
	/** In the transaction under way. */
	readonly #changed = new Set<NodeId>();
	/** In all rows together. */
	#changes = 0;
	readonly #rows: StatementSync;
	readonly #append: StatementSync;
	readonly #clear: StatementSync;

	/** @param parts copies what these nodes are made of. */
	constructor(db: DatabaseSync, table: string, parts: (node: Node) => Node) {
		this.#db = db;
		this.#parts = parts;
		this.#rows = db.prepare(`select changes from ${table} order by seq`);
		this.#append = db.prepare(`insert into ${table} (changes) values (?)`);
		this.#clear = db.prepare(`delete from ${table}`);
		this.forget();
	}

	get(id: NodeId): Node | undefined {
		return this.#nodes.get(id);
	}

	ids(): NodeId[] {
		return [...this.#nodes.keys()];
	}

	count(): number {
		return this.#nodes.size;
	}

	set(node: Node): void {
		this.#nodes.set(node.id, this.#parts(node));
		this.#change(node.id);
	}

	delete(id: NodeId): void {
		if (this.#nodes.delete(id)) this.#change(id);
	}

	clear(): void {
		for (const id of this.ids()) this.delete(id);
	}

	#change(id: NodeId): void {
		this.#changed.add(id);
		if (!this.#db.isTransaction) this.write();
	}

	/** To be called before a transaction ends. */
	write(): void {
		if (this.#changed.size === 0) return;
		if (this.#nodes.size === 0) this.#writeAnew();
		else {
			this.#write(this.#changed);
			const most = Math.max(FEW_CHANGES, MOST_CHANGES_PER_NOTE * this.#nodes.size);
			if (this.#changes > most && this.#db.isTransaction) this.#writeAnew();
		}
		this.#changed.clear();
	}

	#writeAnew(): void {
		this.#clear.run();
		this.#changes = 0;
		if (this.#nodes.size > 0) this.#write(this.#nodes.keys());
	}

	#write(ids: Iterable<NodeId>): void {
		const changes = Array.from(ids, (id): Changed<Node> => [id, this.#nodes.get(id) ?? null]);
		this.#append.run(JSON.stringify(changes));
		this.#changes += changes.length;
	}

	/** As the database says; to be called when a transaction was taken back. */
	forget(): void {
		this.#nodes.clear();
		this.#changed.clear();
		this.#changes = 0;
		for (const row of this.#rows.all()) {
			const changes = JSON.parse(row.changes as string) as Changed<Node>[];
			for (const [id, node] of changes) {
				if (node) this.#nodes.set(id, node);
				else this.#nodes.delete(id);
			}
			this.#changes += changes.length;
		}
	}
}

type Changed<Node> = [id: NodeId, node: Node | null];

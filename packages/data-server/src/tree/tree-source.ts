import type { Name, NamespaceId, NodeId, Rev } from '@mydropbox/protocol';
import { isOneOf } from '@mydropbox/server-kit';
import { fromBytes, inGroups, type Tx, toBytes } from '../sql.ts';
import { type DeletedNode, fromRow, NODE_COLUMNS, type TreeNode } from './tree-node.ts';

export interface Place {
	readonly parent: NodeId;
	readonly name: Name;
}

/** What a commit asks the database about the tree before it; many answers with each query. */
export interface TreeSource {
	/** Those of the nodes that exist, and every folder on their way up to the root. */
	withAncestors(ids: readonly NodeId[]): Promise<TreeNode[]>;
	/** Whoever is at these places. */
	at(places: readonly Place[]): Promise<TreeNode[]>;
	/** How many children each of these folders has; one without any MAY be left out. */
	childCounts(folders: readonly NodeId[]): Promise<Map<NodeId, number>>;
	/** Everything below these folders, without the folders themselves. */
	below(folders: readonly NodeId[]): Promise<TreeNode[]>;
	/** Those of the nodes that are deleted now. */
	deleted(ids: readonly NodeId[]): Promise<DeletedNode[]>;
}

/** An OR of more alternatives than this is deeper than SQLite parses. */
const PARENTS_PER_QUERY = 200;

/**
 * Each query names the namespace wherever an index starts with it: otherwise SQLite goes through the whole namespace
 * (test/query-plans.test.ts).
 */
export class SqlTreeSource implements TreeSource {
	readonly #tx: Tx;
	readonly #namespace: Buffer;

	constructor(tx: Tx, namespace: NamespaceId) {
		this.#tx = tx;
		this.#namespace = toBytes(namespace);
	}

	async withAncestors(ids: readonly NodeId[]): Promise<TreeNode[]> {
		const found = new Map<NodeId, TreeNode>();
		for (const group of inGroups(ids)) {
			const rows = await this.#tx
				.withRecursive('Way(NamespaceId, NodeId, ParentId)', (qb) =>
					qb
						.selectFrom('Nodes')
						.select(['Nodes.NamespaceId', 'Nodes.NodeId', 'Nodes.ParentId'])
						.where('Nodes.NamespaceId', '=', this.#namespace)
						.where(isOneOf(this.#tx, 'Nodes.NodeId', group))
						// Not UNION ALL: many nodes share most of their way.
						.union(
							qb
								.selectFrom('Way')
								.innerJoin('Nodes', (join) =>
									join.onRef('Nodes.NamespaceId', '=', 'Way.NamespaceId').onRef('Nodes.NodeId', '=', 'Way.ParentId'),
								)
								.select(['Nodes.NamespaceId', 'Nodes.NodeId', 'Nodes.ParentId']),
						),
				)
				.selectFrom('Way')
				.innerJoin('Nodes', (join) =>
					join.onRef('Nodes.NamespaceId', '=', 'Way.NamespaceId').onRef('Nodes.NodeId', '=', 'Way.NodeId'),
				)
				.select(NODE_COLUMNS)
				.execute();
			for (const row of rows) found.set(row.NodeId as NodeId, fromRow(row));
		}
		return [...found.values()];
	}

	async at(places: readonly Place[]): Promise<TreeNode[]> {
		const namesByParent = Map.groupBy(places, ({ parent }) => parent);
		const found: TreeNode[] = [];
		for (const group of inGroups([...namesByParent], PARENTS_PER_QUERY)) {
			const rows = await this.#tx
				.selectFrom('Nodes')
				.select(NODE_COLUMNS)
				.where((eb) =>
					eb.or(
						group.map(([parent, inParent]) =>
							eb.and([
								eb('NamespaceId', '=', this.#namespace),
								eb('ParentId', '=', toBytes(parent)),
								eb(
									'Name',
									'in',
									inParent.map(({ name }) => Buffer.from(name)),
								),
							]),
						),
					),
				)
				.execute();
			for (const row of rows) found.push(fromRow(row));
		}
		return found;
	}

	async childCounts(folders: readonly NodeId[]): Promise<Map<NodeId, number>> {
		const counts = new Map<NodeId, number>();
		for (const group of inGroups(folders)) {
			const rows = await this.#tx
				.selectFrom('Nodes')
				.select((eb) => ['ParentId', eb.fn.countAll<number>().as('children')])
				.where('NamespaceId', '=', this.#namespace)
				.where(isOneOf(this.#tx, 'ParentId', group))
				.groupBy('ParentId')
				.execute();
			for (const { ParentId, children } of rows) counts.set(fromBytes(ParentId as Buffer), children);
		}
		return counts;
	}

	async below(folders: readonly NodeId[]): Promise<TreeNode[]> {
		const found = new Map<NodeId, TreeNode>();
		for (const group of inGroups(folders)) {
			const rows = await this.#tx
				.withRecursive('Below(NamespaceId, NodeId)', (qb) =>
					qb
						.selectFrom('Nodes')
						.select(['Nodes.NamespaceId', 'Nodes.NodeId'])
						.where('Nodes.NamespaceId', '=', this.#namespace)
						.where(isOneOf(this.#tx, 'Nodes.ParentId', group))
						.union(
							qb
								.selectFrom('Below')
								.innerJoin('Nodes', (join) =>
									join
										.onRef('Nodes.NamespaceId', '=', 'Below.NamespaceId')
										.onRef('Nodes.ParentId', '=', 'Below.NodeId'),
								)
								.select(['Nodes.NamespaceId', 'Nodes.NodeId']),
						),
				)
				.selectFrom('Below')
				.innerJoin('Nodes', (join) =>
					join.onRef('Nodes.NamespaceId', '=', 'Below.NamespaceId').onRef('Nodes.NodeId', '=', 'Below.NodeId'),
				)
				.select(NODE_COLUMNS)
				.execute();
			for (const row of rows) found.set(row.NodeId as NodeId, fromRow(row));
		}
		return [...found.values()];
	}

	async deleted(ids: readonly NodeId[]): Promise<DeletedNode[]> {
		const found: DeletedNode[] = [];
		for (const group of inGroups(ids)) {
			const rows = await this.#tx
				.selectFrom('NodeHistory')
				.select(['NodeId', 'Kind', 'ToRev', 'IsTombstone'])
				.where('NamespaceId', '=', this.#namespace)
				.where(isOneOf(this.#tx, 'NodeId', group))
				.execute();
			for (const row of rows) {
				// Picked here: as a condition it tempts SQLite to go through every tombstone of the namespace.
				if (row.IsTombstone === 1) found.push({ id: fromBytes(row.NodeId), kind: row.Kind, rev: row.ToRev as Rev });
			}
		}
		return found;
	}
}

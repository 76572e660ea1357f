import type { ColumnType } from 'kysely';

/** The tables of sql/data-server, as kysely sees them. What each means is written there. */
export interface DataSchema {
	Namespaces: NamespacesTable;
	Nodes: NodesTable;
	NodeHistory: NodeHistoryTable;
	Commits: CommitsTable;
	Devices: { DeviceId: Buffer; DeviceName: string };
	Contents: ContentsTable;
	Blocks: BlocksTable;
	Segments: SegmentsTable;
	Owners: { Owner: Buffer; UncommittedBytes: number };
	Files: { Filepath: string; Owner: string; LastModified: string };
}

/** 64 bits: a bigint when a number would not be exact. Written as decimal text, which both engines take exactly. */
type Int64 = ColumnType<number | bigint, string, string>;

export interface NamespacesTable {
	NamespaceId: Buffer;
	Owner: Buffer;
	OwnerName: string;
	Epoch: Buffer;
	HeadRev: number;
	MaxDepth: number;
	BytesUsed: number;
	Files: number;
	Quota: number;
	CreatedAt: string;
	HistoryFromRev: ColumnType<number, number | undefined, number>;
}

/** What Nodes and NodeHistory have in common: one state of one node. */
export interface NodeColumns {
	NamespaceId: Buffer;
	NodeId: Buffer;
	Name: Buffer;
	Kind: 'file' | 'folder' | 'symlink';
	Size: number;
	Mtime: Int64;
	Exec: number;
	ContentHash: Buffer | null;
	Target: Buffer | null;
	ChangedBy: Buffer;
	ChangedAt: string;
}

export interface NodesTable extends NodeColumns {
	ParentId: Buffer | null;
	Rev: number;
	SubtreeRev: number;
}

export interface NodeHistoryTable extends NodeColumns {
	ParentId: Buffer;
	FromRev: number;
	ToRev: number;
	IsTombstone: number;
	EndedBy: Buffer;
	EndedAt: string;
}

export interface CommitsTable {
	NamespaceId: Buffer;
	IdempotencyKey: Buffer;
	OperationsHash: Buffer;
	HeadRev: number;
	DeviceId: Buffer;
	CommittedAt: string;
	Answer: string;
}

export interface ContentsTable {
	NamespaceId: Buffer;
	ContentHash: Buffer;
	Size: number;
	Chunker: string;
	Blocks: Buffer;
}

export interface BlocksTable {
	Owner: Buffer;
	BlockHash: Buffer;
	SegmentId: Buffer;
	ByteOffset: number;
	ByteLength: number;
	IsDamaged: number;
	IsCommitted: number;
}

export interface SegmentsTable {
	Owner: Buffer;
	SegmentId: Buffer;
	Bytes: number;
	CreatedAt: string;
}

-- The database of one data server: the trees of the users placed on it, their journal and history, and the index of
-- their blocks. Ids are 16 bytes, hashes 32 bytes (SHA-256). A name is the exact UTF-8 bytes that travelled (NFC), so no
-- collation ever decides whether two names are equal. A moment is UTC text, 2026-11-21T09:40:47.123Z: it sorts as
-- it reads, on both engines. The files of this folder stay within what SQLite and MySQL/MariaDB have in common.

-- One row per tree. It is locked while a commit takes its revs, so no rev becomes visible after a later one. Epoch
-- names one life of the journal: it changes when the database was restored from a backup, and clients then merge
-- without deletes. MaxDepth is a bound, never less than the number of names on the longest path: it spares a move the
-- walk through everything that comes along, unless the tree may really have become too deep. BytesUsed and Files count
-- the current files; history is not counted. Quota is what the latest token said; the central database decides it.
CREATE TABLE Namespaces (
	NamespaceId BINARY(16) NOT NULL PRIMARY KEY,
	Owner BINARY(16) NOT NULL,
	OwnerName VARCHAR(64) NOT NULL,
	Epoch BINARY(16) NOT NULL,
	HeadRev BIGINT NOT NULL,
	MaxDepth INTEGER NOT NULL,
	BytesUsed BIGINT NOT NULL,
	Files BIGINT NOT NULL,
	Quota BIGINT NOT NULL,
	CreatedAt CHAR(24) NOT NULL
);
CREATE INDEX NamespacesByOwner ON Namespaces (Owner);

-- The current state of every node. The root folder is the row whose NodeId equals NamespaceId; it alone has no
-- parent. Moving a folder changes one row. Kind is file, folder or symlink, and never changes. Mtime is nanoseconds
-- since 1970. Rev is the node's own last change; no change of anything below it is later than SubtreeRev, so "has
-- anything in here changed since" is one look. ChangedBy is the device.
CREATE TABLE Nodes (
	NamespaceId BINARY(16) NOT NULL,
	NodeId BINARY(16) NOT NULL,
	ParentId BINARY(16) NULL,
	Name VARBINARY(255) NOT NULL,
	Kind VARCHAR(8) NOT NULL,
	Size BIGINT NOT NULL,
	Mtime BIGINT NOT NULL,
	Exec TINYINT NOT NULL,
	ContentHash BINARY(32) NULL,
	Target VARBINARY(4095) NULL,
	Rev BIGINT NOT NULL,
	SubtreeRev BIGINT NOT NULL,
	ChangedBy BINARY(16) NOT NULL,
	ChangedAt CHAR(24) NOT NULL,
	PRIMARY KEY (NamespaceId, NodeId)
);
CREATE UNIQUE INDEX NodesByPlace ON Nodes (NamespaceId, ParentId, Name);
CREATE INDEX NodesByRev ON Nodes (NamespaceId, Rev);

-- Every superseded state of a node, true for the revs FromRev <= rev < ToRev. Versions of a file, the trash, and the
-- whole tree as of any rev are three questions to this one table. IsTombstone is 1 on the last state of a node that
-- is deleted now: ToRev is then the rev of the delete. Bringing the node back sets it to 0, so the changes feed finds
-- each deleted node once, by a range of one index. A row is written once and, but for that flag, never changed.
CREATE TABLE NodeHistory (
	NamespaceId BINARY(16) NOT NULL,
	NodeId BINARY(16) NOT NULL,
	FromRev BIGINT NOT NULL,
	ToRev BIGINT NOT NULL,
	IsTombstone TINYINT NOT NULL,
	ParentId BINARY(16) NOT NULL,
	Name VARBINARY(255) NOT NULL,
	Kind VARCHAR(8) NOT NULL,
	Size BIGINT NOT NULL,
	Mtime BIGINT NOT NULL,
	Exec TINYINT NOT NULL,
	ContentHash BINARY(32) NULL,
	Target VARBINARY(4095) NULL,
	ChangedBy BINARY(16) NOT NULL,
	ChangedAt CHAR(24) NOT NULL,
	EndedBy BINARY(16) NOT NULL,
	EndedAt CHAR(24) NOT NULL,
	PRIMARY KEY (NamespaceId, NodeId, FromRev)
);
CREATE INDEX NodeHistoryByEnd ON NodeHistory (NamespaceId, IsTombstone, ToRev);

-- Every commit, for two questions. What was answered to this key? A commit that is sent again gets the same Answer
-- and is not done again; OperationsHash tells whether it really is the same. And which rev was the head at this
-- moment? Only commits that changed something move the head.
CREATE TABLE Commits (
	NamespaceId BINARY(16) NOT NULL,
	IdempotencyKey BINARY(16) NOT NULL,
	OperationsHash BINARY(32) NOT NULL,
	HeadRev BIGINT NOT NULL,
	DeviceId BINARY(16) NOT NULL,
	CommittedAt CHAR(24) NOT NULL,
	Answer MEDIUMTEXT NOT NULL,
	PRIMARY KEY (NamespaceId, IdempotencyKey)
);
CREATE INDEX CommitsByTime ON Commits (NamespaceId, CommittedAt);

-- What the devices that committed here were last called, so that history can say "laptop".
CREATE TABLE Devices (
	DeviceId BINARY(16) NOT NULL PRIMARY KEY,
	DeviceName VARCHAR(64) NOT NULL
);

-- The ordered blocks of every content that a node of the namespace names or named. Blocks is packed: per block 32 bytes
-- hash and 4 bytes size, big-endian, which is also what the content hash is taken over. Packed, a commit of a thousand
-- files is one insert, and a 100 GB file one row of 7 MB; only the collector of unreferenced blocks reads many of them.
CREATE TABLE Contents (
	NamespaceId BINARY(16) NOT NULL,
	ContentHash BINARY(32) NOT NULL,
	Size BIGINT NOT NULL,
	Chunker VARCHAR(16) NOT NULL,
	Blocks MEDIUMBLOB NOT NULL,
	PRIMARY KEY (NamespaceId, ContentHash)
);

-- Where each block of an owner lies: in which segment, from which byte, how many. Owners share no blocks, so knowing
-- a hash grants nothing. IsDamaged is set when its bytes no longer had its hash: the block then counts as missing,
-- and the next device that still has it uploads it again.
CREATE TABLE Blocks (
	Owner BINARY(16) NOT NULL,
	BlockHash BINARY(32) NOT NULL,
	SegmentId BINARY(16) NOT NULL,
	ByteOffset BIGINT NOT NULL,
	ByteLength INTEGER NOT NULL,
	IsDamaged TINYINT NOT NULL,
	PRIMARY KEY (Owner, BlockHash)
);
CREATE INDEX BlocksBySegment ON Blocks (Owner, SegmentId);

-- The segments that the block store holds. This table and Blocks can be rebuilt from the segments themselves.
CREATE TABLE Segments (
	Owner BINARY(16) NOT NULL,
	SegmentId BINARY(16) NOT NULL,
	Bytes BIGINT NOT NULL,
	CreatedAt CHAR(24) NOT NULL,
	PRIMARY KEY (Owner, SegmentId)
);

-- The trees as an administrator reads them: SELECT * FROM Files WHERE Owner = 'ada'. LastModified is when the server
-- accepted the file's latest change. 16000 characters are the most that MySQL keeps in a row; a longer path is cut.
CREATE VIEW Files AS
WITH RECURSIVE Paths (NamespaceId, NodeId, Kind, ChangedAt, Filepath) AS (
	SELECT NamespaceId, NodeId, Kind, ChangedAt, CAST('' AS CHAR(16000))
	FROM Nodes
	WHERE ParentId IS NULL
	UNION ALL
	SELECT Nodes.NamespaceId, Nodes.NodeId, Nodes.Kind, Nodes.ChangedAt,
		SUBSTR(CONCAT(Paths.Filepath, '/', CAST(Nodes.Name AS CHAR(255))), 1, 16000)
	FROM Nodes
	INNER JOIN Paths ON Nodes.NamespaceId = Paths.NamespaceId AND Nodes.ParentId = Paths.NodeId
)
SELECT Paths.Filepath AS Filepath, Namespaces.OwnerName AS Owner, Paths.ChangedAt AS LastModified
FROM Paths
INNER JOIN Namespaces ON Namespaces.NamespaceId = Paths.NamespaceId
WHERE Paths.Kind <> 'folder';

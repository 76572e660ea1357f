-- What the collector of garbage needs: to ask whether anything still names a content, how far back the past is kept,
-- and how much was uploaded that nobody has committed.

-- Is there a state, current or past, that names this content? Without these a look-up would go through the namespace.
CREATE INDEX NodesByContent ON Nodes (NamespaceId, ContentHash);
CREATE INDEX NodeHistoryByContent ON NodeHistory (NamespaceId, ContentHash);

-- States that ended at or before this rev are not kept any more. Of deleted nodes the last state stays for ever, without
-- its content: a device that was away for years still hears of every delete.
ALTER TABLE Namespaces ADD COLUMN HistoryFromRev BIGINT NOT NULL DEFAULT 0;

-- 0 from the upload of a block until the first commit that names it.
ALTER TABLE Blocks ADD COLUMN IsCommitted TINYINT NOT NULL DEFAULT 1;

-- One row per owner who ever uploaded. UncommittedBytes is the sum over the blocks with IsCommitted = 0; the collector
-- counts it anew.
CREATE TABLE Owners (
	Owner BINARY(16) NOT NULL PRIMARY KEY,
	UncommittedBytes BIGINT NOT NULL
);

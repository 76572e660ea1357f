-- What people share with everybody who has the address: a file or folder, to look at and to download.
-- A link leads to a node, wherever that is now. What opens it is a token that only its address has; here is its hash.
-- EndsAt is NULL where a link ends when its owner removes it; removed means deleted here.
CREATE TABLE Links (
	LinkId BINARY(16) NOT NULL PRIMARY KEY,
	TokenHash BINARY(32) NOT NULL,
	UserId BINARY(16) NOT NULL,
	NamespaceId BINARY(16) NOT NULL,
	NodeId BINARY(16) NOT NULL,
	CreatedAt BIGINT NOT NULL,
	EndsAt BIGINT,
	FOREIGN KEY (UserId) REFERENCES Users (UserId),
	FOREIGN KEY (NamespaceId) REFERENCES Namespaces (NamespaceId)
);
CREATE UNIQUE INDEX LinksByToken ON Links (TokenHash);
CREATE INDEX LinksByUser ON Links (UserId);
CREATE INDEX LinksByEnd ON Links (EndsAt);

-- The central database: who there is, where their files are, and who may ask. Route- and web-servers share it.
--
-- Written in the common subset of SQLite and MySQL/MariaDB. Ids are 16 random bytes, hashes 32 bytes of SHA-256,
-- times milliseconds since 1970, yes and no 1 and 0. A statement ends with ";" at the end of a line.

-- The data servers that ever said that they live. A row is made and kept current by heartbeats.
-- MaxCapacity is how many bytes of quota may be placed here; Allocated how many are. Sign-up raises Allocated in one
-- statement that has the comparison in it, which is why no number of concurrent sign-ups can overbook a server.
-- A server is available while Available is 1 and LastHeartbeat is fresh.
-- IpAddr and ListeningPort are where route- and web-servers reach it, PublicUrl where clients do (NULL: the host by
-- which they reached the route-server, with ListeningPort).
CREATE TABLE DataServers (
	ServerId VARCHAR(64) NOT NULL PRIMARY KEY,
	MaxCapacity BIGINT NOT NULL,
	Allocated BIGINT NOT NULL DEFAULT 0,
	IpAddr VARCHAR(255) NOT NULL,
	ListeningPort INTEGER NOT NULL,
	PublicUrl VARCHAR(2048),
	Available SMALLINT NOT NULL,
	LastHeartbeat BIGINT NOT NULL,
	RegisteredAt BIGINT NOT NULL
);

-- People. Username and Email are shown as they were typed; the two keys are the same in lower case, and unique.
-- Password is an Argon2id hash in the PHC format, which says by which parameters it was made.
-- Quota is in bytes and counts against DataServers.Allocated of the server that keeps the user's files.
CREATE TABLE Users (
	UserId BINARY(16) NOT NULL PRIMARY KEY,
	Username VARCHAR(64) NOT NULL,
	UsernameKey VARCHAR(64) NOT NULL,
	Email VARCHAR(254) NOT NULL,
	EmailKey VARCHAR(254) NOT NULL,
	Password VARCHAR(255) NOT NULL,
	DataServerId VARCHAR(64) NOT NULL,
	Quota BIGINT NOT NULL,
	CreatedAt BIGINT NOT NULL,
	FOREIGN KEY (DataServerId) REFERENCES DataServers (ServerId)
);
CREATE UNIQUE INDEX UsersByUsername ON Users (UsernameKey);
CREATE UNIQUE INDEX UsersByEmail ON Users (EmailKey);

-- Trees that are synced as a unit. Every user has one of kind 'root'; a shared folder becomes one of kind 'shared'.
-- A namespace is stored on its owner's data server and charged to its owner's quota.
CREATE TABLE Namespaces (
	NamespaceId BINARY(16) NOT NULL PRIMARY KEY,
	OwnerId BINARY(16) NOT NULL,
	Kind VARCHAR(8) NOT NULL,
	CreatedAt BIGINT NOT NULL,
	FOREIGN KEY (OwnerId) REFERENCES Users (UserId)
);
CREATE INDEX NamespacesByOwner ON Namespaces (OwnerId);

-- Who may enter a namespace; the owner is a member too. Rights is 'read' or 'write' (which includes reading).
CREATE TABLE Members (
	NamespaceId BINARY(16) NOT NULL,
	UserId BINARY(16) NOT NULL,
	Rights VARCHAR(8) NOT NULL,
	CreatedAt BIGINT NOT NULL,
	PRIMARY KEY (NamespaceId, UserId),
	FOREIGN KEY (NamespaceId) REFERENCES Namespaces (NamespaceId),
	FOREIGN KEY (UserId) REFERENCES Users (UserId)
);
CREATE INDEX MembersByUser ON Members (UserId);

-- Installations of the daemon that are signed in. The refresh token itself is known to the device only.
-- Signing a device out deletes its row; the access tokens it still has end within 15 minutes.
CREATE TABLE Devices (
	DeviceId BINARY(16) NOT NULL PRIMARY KEY,
	UserId BINARY(16) NOT NULL,
	Name VARCHAR(64) NOT NULL,
	RefreshTokenHash BINARY(32) NOT NULL,
	CreatedAt BIGINT NOT NULL,
	LastSeenAt BIGINT NOT NULL,
	FOREIGN KEY (UserId) REFERENCES Users (UserId)
);
CREATE UNIQUE INDEX DevicesByRefreshToken ON Devices (RefreshTokenHash);
CREATE INDEX DevicesByUser ON Devices (UserId);

-- Sign-ins on the website and its API. The token itself is known to the browser only. Use moves ExpiresAt ahead.
-- DeviceId stands for the session where a data server writes down which device made a change.
CREATE TABLE Sessions (
	TokenHash BINARY(32) NOT NULL PRIMARY KEY,
	UserId BINARY(16) NOT NULL,
	DeviceId BINARY(16) NOT NULL,
	CreatedAt BIGINT NOT NULL,
	ExpiresAt BIGINT NOT NULL,
	FOREIGN KEY (UserId) REFERENCES Users (UserId)
);
CREATE INDEX SessionsByUser ON Sessions (UserId);
CREATE INDEX SessionsByExpiry ON Sessions (ExpiresAt);

-- The Ed25519 key pairs (JWK) that sign access tokens; the highest Generation signs, all of them verify.
-- Whoever can read this table can open every account: guard backups of this database accordingly.
CREATE TABLE SigningKeys (
	Generation INTEGER NOT NULL PRIMARY KEY,
	PublicKey VARCHAR(1024) NOT NULL,
	PrivateKey VARCHAR(1024) NOT NULL,
	CreatedAt BIGINT NOT NULL
);

-- What limits attempts, e.g. to guess a password, across all servers: one row per limited thing, named by a hash so
-- that no address and no name is kept. FullAt is when all of its attempts are available again; each attempt moves it
-- ahead, and an attempt that would move it too far is refused. A row in the past means nothing and can be deleted.
CREATE TABLE RateLimits (
	Bucket BINARY(32) NOT NULL PRIMARY KEY,
	FullAt BIGINT NOT NULL
);
CREATE INDEX RateLimitsByTime ON RateLimits (FullAt);

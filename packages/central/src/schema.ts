import type { Generated } from 'kysely';

/** The tables of `sql/central`, where the prose about them is. */
export interface CentralSchema {
	DataServers: {
		ServerId: string;
		MaxCapacity: number;
		Allocated: Generated<number>;
		IpAddr: string;
		ListeningPort: number;
		PublicUrl: string | null;
		Available: number;
		LastHeartbeat: number;
		RegisteredAt: number;
	};
	Users: {
		UserId: Buffer;
		Username: string;
		UsernameKey: string;
		Email: string;
		EmailKey: string;
		Password: string;
		DataServerId: string;
		Quota: number;
		CreatedAt: number;
	};
	Namespaces: { NamespaceId: Buffer; OwnerId: Buffer; Kind: 'root' | 'shared'; CreatedAt: number };
	Members: { NamespaceId: Buffer; UserId: Buffer; Rights: 'read' | 'write'; CreatedAt: number };
	Devices: {
		DeviceId: Buffer;
		UserId: Buffer;
		Name: string;
		RefreshTokenHash: Buffer;
		CreatedAt: number;
		LastSeenAt: number;
	};
	Sessions: { TokenHash: Buffer; UserId: Buffer; DeviceId: Buffer; CreatedAt: number; ExpiresAt: number };
	Links: {
		LinkId: Buffer;
		TokenHash: Buffer;
		UserId: Buffer;
		NamespaceId: Buffer;
		NodeId: Buffer;
		CreatedAt: number;
		EndsAt: number | null;
	};
	SigningKeys: { Generation: number; PublicKey: string; PrivateKey: string; CreatedAt: number };
	RateLimits: { Bucket: Buffer; FullAt: number };
}

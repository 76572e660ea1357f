import { z } from 'zod';
import type { Config } from './config.ts';
import type { EngineStatus } from './engine.ts';

/** What `status --json` prints and scripts rely on. */
export const DaemonStatus = z.object({
	/** null when the daemon is not running. */
	pid: z.number().int().nullable(),
	state: z.enum(['up-to-date', 'syncing', 'paused', 'offline', 'problem', 'stopped']),
	filesToGo: z.number(),
	bytesToGo: z.number(),
	problems: z.array(z.object({ path: z.string(), reason: z.string(), nextStep: z.string() })).readonly(),
	problemCount: z.number(),
	offline: z.string().nullable().default(null),
	heldDeletes: z
		.object({ files: z.number(), folder: z.string(), example: z.string(), since: z.string() })
		.nullable()
		.default(null),
	arriving: z
		.array(z.object({ path: z.string(), bytesHere: z.number(), bytes: z.number() }))
		.readonly()
		.default([]),
	excluded: z.number(),
	ignored: z.number(),
	bytesSent: z.number(),
	bytesReceived: z.number(),
	lastSync: z.string().nullable(),
	folder: z.string(),
	server: z.string(),
	username: z.string(),
	device: z.string(),
});
export type DaemonStatus = z.infer<typeof DaemonStatus>;

export const Excluded = z.array(z.object({ path: z.string(), isOnServer: z.boolean() }));

type Identity = Pick<DaemonStatus, 'folder' | 'server' | 'username' | 'device'>;

const identity = ({ folder, website, username, deviceName }: Config): Identity => ({
	folder,
	server: website,
	username,
	device: deviceName,
});

export const runningStatus = (config: Config, status: EngineStatus): DaemonStatus => ({
	pid: process.pid,
	...status,
	...identity(config),
});

export const stoppedStatus = (config: Config): DaemonStatus => ({
	pid: null,
	state: 'stopped',
	filesToGo: 0,
	bytesToGo: 0,
	problems: [],
	problemCount: 0,
	offline: null,
	heldDeletes: null,
	arriving: [],
	excluded: 0,
	ignored: 0,
	bytesSent: 0,
	bytesReceived: 0,
	lastSync: null,
	...identity(config),
});

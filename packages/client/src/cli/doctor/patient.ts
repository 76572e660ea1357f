import type { Discovered } from '@mydropbox/remote';
import type { Config, Credentials } from '../../daemon/config.ts';
import type { Home } from '../../daemon/home.ts';
import type { DaemonStatus } from '../../daemon/status.ts';
import type { Fs } from '../../fs/port.ts';
import type { Finding } from './finding.ts';

/** What the doctor sees of the machine that it runs on; a test shows it another one. */
export interface Outside {
	readonly platform: NodeJS.Platform;
	/** As `process.version`. */
	readonly nodeVersion: string;
	/** undefined where users have no numbers. */
	readonly uid: number | undefined;
	readonly env: Readonly<Record<string, string | undefined>>;
	/** Milliseconds since 1970. */
	now(): number;
	/** undefined when it is not there, or not for us. */
	readText(path: string): string | undefined;
	/** Names in a folder; none when it is not there, or not for us. */
	list(path: string): readonly string[];
	/** Where a link points to; undefined when that cannot be read. */
	linkTarget(path: string): string | undefined;
	/** The number of the user that something belongs to; undefined when it is not there. */
	ownerOf(path: string): number | undefined;
	/** For trying things out. */
	readonly fs: Fs;
}

/** Whoever is looked at. */
export interface Patient {
	readonly home: Home;
	readonly outside: Outside;
	/** How to type a command so that it means this device. */
	readonly command: (name: string) => string;
	/** The status of the running daemon; undefined when none answers. Asked once. */
	readonly status: () => Promise<DaemonStatus | undefined>;
}

/** One that is signed in. */
export interface SignedIn extends Patient {
	readonly config: Config;
	/** undefined when there are none that can be read. */
	readonly credentials: Credentials | undefined;
	/** What the server says about itself. Asked once. Rejects when it does not answer. */
	readonly discovered: () => Promise<Discovered>;
}

/** Looks at one thing and leaves everything as it was. What it throws is told as a problem. */
export type Check<P extends Patient> = (patient: P) => Finding | Promise<Finding>;

import type { NamespaceId } from '@mydropbox/protocol';
import type { SyncServer } from '@mydropbox/remote';
import type { MassDeleteLimits } from '@mydropbox/sync-engine';
import type { Logger } from 'pino';
import type { ExcludedFile } from './excluded-file.ts';

/** `problem`: something in the folder cannot be synced until a person helps; all else goes on. */
export type EngineState = 'up-to-date' | 'syncing' | 'paused' | 'offline' | 'problem';

export interface Problem {
	/** Relative to the folder, with slashes; '' when it concerns the whole folder. */
	readonly path: string;
	/** What is wrong, as a sentence. */
	readonly reason: string;
	/** What happens next, or what to do, as a sentence. */
	readonly nextStep: string;
}

/** Something that a person has excluded on this device. */
export interface Excluded {
	/** Where the server has it, or had it. */
	readonly path: string;
	readonly isOnServer: boolean;
}

/** So many files are gone from this device that they are not deleted elsewhere before a person says so. */
export interface HeldDeletes {
	readonly files: number;
	/** The folder that all of them were in, relative to the synced one; '' for that itself. */
	readonly folder: string;
	/** The path of one of them. */
	readonly example: string;
	/** ISO 8601. */
	readonly since: string;
}

/** A large file that another device is still bringing to the server, and that is fetched meanwhile. */
export interface ArrivingFile {
	/** Where it will be. */
	readonly path: string;
	/** Bytes of it that are here, and that it will have. */
	readonly bytesHere: number;
	readonly bytes: number;
}

export interface EngineStatus {
	readonly state: EngineState;
	/** Files, folders and links that differ between the device and the server, as far as is known by now. */
	readonly filesToGo: number;
	/** Content bytes that have yet to travel; an estimate that never undercuts what is known. */
	readonly bytesToGo: number;
	/** The first thousand of them. */
	readonly problems: readonly Problem[];
	/** How many there are in all. */
	readonly problemCount: number;
	/** Why the server cannot be reached, as a sentence; null while nothing is known to be in the way. */
	readonly offline: string | null;
	/** Also told as a problem. null: no deletes are held back. */
	readonly heldDeletes: HeldDeletes | null;
	/** They are not among what is to go: the server does not have them yet. */
	readonly arriving: readonly ArrivingFile[];
	/** How many paths a person has excluded here. */
	readonly excluded: number;
	/** Files and folders here that `.mydropboxignore` leaves alone; an ignored folder counts as one. */
	readonly ignored: number;
	/** Block bytes that travelled since the engine was made. */
	readonly bytesSent: number;
	readonly bytesReceived: number;
	/** When the three trees were last equal, ISO 8601; null when they never were. */
	readonly lastSync: string | null;
}

/**
 * What keeps one folder in sync; `createSyncEngine` in ../control makes the real one.
 *
 * It MUST get over whatever passes by itself (a server that is down, a file that is locked) and say so in its status:
 * `up-to-date` only while local, remote and synced tree are equal but for what is excluded, and there is no problem; `offline` while the server
 * cannot be reached; `problem` while problems are listed and nothing else can be done. A device that was signed out
 * is a problem with the path ''.
 */
export interface Engine {
	/** Opens the state, starts watching and syncing. Rejects only with what a person must mend; then nothing is left running. Called once. */
	start(): Promise<void>;
	/** Finishes what is being written and stops everything; resolves when the state is closed. May be called at any time, more than once. */
	stop(): Promise<void>;
	/** After it returns, no new transfer and no new change of the disk begins until `resume`. */
	pause(): void;
	resume(): void;
	/** Deletes everywhere what `heldDeletes` speaks of at this moment, and nothing else. */
	confirmDeletes(): void;
	/** Brings back here what `heldDeletes` speaks of at this moment. */
	undoDeletes(): void;
	/**
	 * Takes things off this device, with all that is in them, once the server has all of it. Without paths it changes
	 * nothing. @param paths from the folder down, with slashes. @returns all that is excluded now. @throws UserError;
	 * then nothing has changed.
	 */
	exclude(paths: readonly string[]): readonly Excluded[];
	/** Brings them back. As `exclude`. */
	include(paths: readonly string[]): readonly Excluded[];
	/** Cheap, synchronous, never throws. */
	status(): EngineStatus;
	/**
	 * Looks at everything again, here and on the server, and resolves once there is nothing left to do: the three trees
	 * are equal, or what remains is listed as problems. Rejects with the signal's reason.
	 */
	settled(signal: AbortSignal): Promise<EngineStatus>;
	/** Calls back after each change of the status, at most a few times a second. @returns what ends it. */
	onStatus(listener: (status: EngineStatus) => void): () => void;
}

export interface EngineOptions {
	/** Absolute path of the folder to sync; it exists. */
	readonly folder: string;
	/** A directory of the engine's own, for its database. It exists. */
	readonly stateDir: string;
	readonly excludedFile: ExcludedFile;
	readonly deviceName: string;
	readonly namespace: NamespaceId;
	/** With fresh tokens and short retries already built in. */
	readonly server: SyncServer;
	/** What `server` has sent and received; the engine hands it on in its status. */
	readonly traffic: { readonly bytesSent: number; readonly bytesReceived: number };
	/** From when on a person is asked before files are deleted elsewhere; `MASS_DELETE_LIMITS` when it is left out. */
	readonly massDeletes?: MassDeleteLimits | undefined;
	readonly log: Logger;
}

export type CreateEngine = (options: EngineOptions) => Engine;

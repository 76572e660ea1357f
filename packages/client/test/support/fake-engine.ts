import { existsSync } from 'node:fs';
import type { Engine, EngineOptions, EngineStatus, Excluded } from '../../src/daemon/engine.ts';
import { UserError } from '../../src/daemon/user-error.ts';

const QUIET: EngineStatus = {
	state: 'up-to-date',
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
	lastSync: '2026-11-21T10:00:00.000Z',
};

/** Keeps nothing in sync, and says what the test tells it to. */
export class FakeEngine implements Engine {
	readonly options: EngineOptions;
	readonly calls: string[] = [];
	#status = QUIET;
	#excluded: readonly Excluded[] = [];
	readonly #listeners = new Set<(status: EngineStatus) => void>();
	#settle = Promise.withResolvers<void>();

	constructor(options: EngineOptions) {
		this.options = options;
	}

	async start(): Promise<void> {
		this.calls.push('start');
		if (!existsSync(this.options.folder)) {
			throw new UserError(`${this.options.folder} is not there.`, 'Mount the disk that it is on.');
		}
	}

	async stop(): Promise<void> {
		this.calls.push('stop');
	}

	pause(): void {
		this.say({ state: 'paused' });
	}

	resume(): void {
		this.say({ state: 'up-to-date' });
	}

	exclude(paths: readonly string[]): readonly Excluded[] {
		if (paths.includes('unknown')) throw new UserError('There is no unknown on the server.', 'Try another.');
		this.#excluded = [...this.#excluded, ...paths.map((path) => ({ path, isOnServer: path !== 'gone' }))];
		return this.#excluded;
	}

	include(paths: readonly string[]): readonly Excluded[] {
		this.#excluded = this.#excluded.filter(({ path }) => !paths.includes(path));
		return this.#excluded;
	}

	confirmDeletes(): void {
		this.calls.push('confirm');
	}

	undoDeletes(): void {
		this.calls.push('undo');
	}

	status(): EngineStatus {
		return this.#status;
	}

	async settled(signal: AbortSignal): Promise<EngineStatus> {
		this.calls.push('settled');
		if (this.#status.state === 'syncing') {
			await new Promise<void>((resolve, reject) => {
				signal.addEventListener('abort', () => {
					this.calls.push('gave up');
					reject(signal.reason);
				});
				this.#settle.promise.then(resolve);
			});
		}
		return this.#status;
	}

	onStatus(listener: (status: EngineStatus) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	say(news: Partial<EngineStatus>): void {
		const problems = news.problems ?? this.#status.problems;
		this.#status = { ...this.#status, problemCount: problems.length, ...news };
		for (const listener of this.#listeners) listener(this.#status);
		if (this.#status.state === 'syncing') return;
		this.#settle.resolve();
		this.#settle = Promise.withResolvers();
	}
}

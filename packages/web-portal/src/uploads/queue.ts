import type { NameClash } from '@mydropbox/protocol/web';
import type { Sending } from './send-file.ts';

export interface Upload {
	readonly id: number;
	readonly folder: string;
	readonly file: File;
	readonly clash: NameClash;
	readonly state: 'waiting' | 'sending' | 'done' | 'failed';
	/** Bytes. All sent and still `sending` means that the server is storing it. */
	readonly sent: number;
	readonly problem: unknown;
}

interface Ports {
	readonly send: (sending: Sending) => Promise<void>;
	/** Called after each upload that ended. */
	readonly onEnd: (upload: Upload) => void;
}

/** Two at once keep the line busy between files without sharing it out too thinly. */
const AT_ONCE = 2;

/** Uploads files in order. Every change makes a new list, so that a view can compare. */
export class UploadQueue {
	readonly #ports: Ports;
	#uploads: readonly Upload[] = [];
	#nextId = 1;
	readonly #running = new Map<number, AbortController>();
	readonly #listeners = new Set<() => void>();

	constructor(ports: Ports) {
		this.#ports = ports;
	}

	readonly subscribe = (listener: () => void): (() => void) => {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	};

	readonly snapshot = (): readonly Upload[] => this.#uploads;

	add(files: readonly { folder: string; file: File }[], clash: NameClash): void {
		const added = files.map(
			({ folder, file }): Upload => ({
				id: this.#nextId++,
				folder,
				file,
				clash,
				state: 'waiting',
				sent: 0,
				problem: undefined,
			}),
		);
		this.#set([...this.#uploads, ...added]);
		this.#startWaiting();
	}

	retry(id: number): void {
		this.#update(id, { state: 'waiting', sent: 0, problem: undefined });
		this.#startWaiting();
	}

	/** Takes it off the list; nothing of an unfinished upload is kept. */
	remove(id: number): void {
		this.#running.get(id)?.abort(new DOMException('Cancelled', 'AbortError'));
		this.#set(this.#uploads.filter((upload) => upload.id !== id));
	}

	removeAll(): void {
		for (const upload of this.#uploads) this.remove(upload.id);
	}

	#startWaiting(): void {
		for (const upload of this.#uploads) {
			if (this.#running.size >= AT_ONCE) return;
			if (upload.state === 'waiting') void this.#run(upload);
		}
	}

	async #run(upload: Upload): Promise<void> {
		const { id, folder, file, clash } = upload;
		const controller = new AbortController();
		this.#running.set(id, controller);
		this.#update(id, { state: 'sending' });
		try {
			const onProgress = (sent: number) => this.#update(id, { sent });
			await this.#ports.send({ folder, file, clash, signal: controller.signal, onProgress });
			this.#update(id, { state: 'done', sent: file.size });
		} catch (problem) {
			this.#update(id, { state: 'failed', problem });
		}
		this.#running.delete(id);
		const ended = this.#uploads.find((other) => other.id === id);
		if (ended) this.#ports.onEnd(ended);
		this.#startWaiting();
	}

	#update(id: number, change: Partial<Upload>): void {
		this.#set(this.#uploads.map((upload) => (upload.id === id ? { ...upload, ...change } : upload)));
	}

	#set(uploads: readonly Upload[]): void {
		this.#uploads = uploads;
		for (const listener of this.#listeners) listener();
	}
}

import type { Fs } from '../../src/fs/port.ts';

/** The process is gone: from here on nothing reaches the disk. */
export class Crash extends Error {}

export interface Call {
	/** Counts from 0. */
	readonly number: number;
	readonly name: keyof Fs;
	readonly args: readonly unknown[];
}

export interface Hooks {
	before?(call: Call): void;
	after?(call: Call): void;
}

/** A disk on which something happens around each call. What `before` throws is what the disk says. */
export function hookedFs(fs: Fs, hooks: Hooks): Fs {
	let number = 0;
	let dead = false;
	return new Proxy(fs, {
		get: (target, name: keyof Fs) => {
			if (name === 'now' || name === 'ownName') return target[name];
			return (...args: unknown[]) => {
				if (dead) throw new Crash();
				const call = { number: number++, name, args };
				try {
					hooks.before?.(call);
					const result = (target[name] as (...all: unknown[]) => unknown)(...args);
					hooks.after?.(call);
					return result;
				} catch (error) {
					dead ||= error instanceof Crash;
					throw error;
				}
			};
		},
	});
}

/** Dies at one call, before or after it is done. */
export const crashing = (fs: Fs, at: number, when: 'before' | 'after'): Fs =>
	hookedFs(fs, {
		[when]: ({ number }: Call) => {
			if (number === at) throw new Crash();
		},
	});

export const failing = (fs: Fs, name: keyof Fs, code: string, matches: (args: readonly unknown[]) => boolean): Fs =>
	hookedFs(fs, {
		before: (call) => {
			if (call.name === name && matches(call.args)) throw Object.assign(new Error(code), { code });
		},
	});

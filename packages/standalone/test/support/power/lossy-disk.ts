import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterwards } from '../cleanup.ts';

const MIB = 1024 * 1024;

/**
 * File systems, and how to keep them from writing anything by themselves: only what a program asks to be durable is on
 * the disk, as on a machine that loses its power soon.
 */
const KINDS = {
	ext4: { size: 96 * MIB, make: ['mkfs.ext4', '-q', '-F'], mount: 'commit=3600' },
	'ext4 in writeback mode': { size: 96 * MIB, make: ['mkfs.ext4', '-q', '-F'], mount: 'commit=3600,data=writeback' },
	xfs: { size: 320 * MIB, make: ['mkfs.xfs', '-q', '-f'], mount: 'defaults' },
	btrfs: { size: 192 * MIB, make: ['mkfs.btrfs', '-q', '-f'], mount: 'commit=3600' },
} as const;
export type FileSystemKind = keyof typeof KINDS;
export const FILE_SYSTEMS = Object.keys(KINDS) as FileSystemKind[];

/**
 * A file system of its own on a file that stands for the disk: what the kernel still holds in memory is not in that
 * file, and a copy of it is the disk after a power cut.
 */
export class LossyDisk {
	/** Where it is mounted. */
	readonly path: string;
	/** The file that stands for the disk. */
	readonly image: string;
	readonly #kind: FileSystemKind;
	readonly #device: string;

	/** Mounted; after the test it is gone. @throws Error that says what is needed, on a machine that forbids it. */
	static async make(kind: FileSystemKind): Promise<LossyDisk> {
		const directory = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'mydropbox-disk-'));
		afterwards(() => rmSync(directory, { recursive: true, force: true }));
		const image = join(directory, 'image');
		writeFileSync(image, '');
		truncateSync(image, KINDS[kind].size);
		const [make, ...options] = KINDS[kind].make;
		run(make, ...options, image);
		const device = run('losetup', '--find', '--show', image).trim();
		afterwards(() => run('losetup', '--detach', device));
		const disk = new LossyDisk(kind, directory, device);
		disk.mount();
		afterwards(() => disk.unmount());
		return disk;
	}

	private constructor(kind: FileSystemKind, directory: string, device: string) {
		this.#kind = kind;
		this.#device = device;
		this.image = join(directory, 'image');
		this.path = join(directory, 'mounted');
		mkdirSync(this.path);
	}

	mount(): void {
		run('mount', '-o', KINDS[this.#kind].mount, this.#device, this.path);
	}

	unmount(): void {
		run('umount', this.path);
	}

	/** The file that tells how much has been written to the disk. */
	get statistics(): string {
		return `/sys/block/${basename(this.#device)}/stat`;
	}

	/** Makes everything durable that has been written to it. */
	sync(): void {
		run('sync', '--file-system', this.path);
	}

	/** @returns a file that holds what a power cut would leave now. */
	cutNow(): string {
		const copy = join(this.image, '..', 'cut');
		run('cp', '--sparse=always', this.image, copy);
		return copy;
	}

	/** The machine starts with what such a file holds. */
	restart(copy: string): void {
		this.unmount();
		run('cp', '--sparse=always', copy, this.image);
		// What the kernel remembers of the disk is not what is on it now.
		run('blockdev', '--flushbufs', this.#device);
		this.mount();
	}
}

function run(program: string, ...args: string[]): string {
	const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };
	try {
		return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env });
	} catch (error) {
		throw new Error(`${(error as Error).message}\n${NEEDS}`, { cause: error });
	}
}

const NEEDS = `These tests make file systems of their own, on loop devices, and cut their power. They need a Linux that allows
this (root, and in a container --privileged) and the programs of e2fsprogs, for all file systems also xfsprogs and
btrfs-progs. Nothing else shows that what is said to be durable is; so without them, this counts as failed.`;

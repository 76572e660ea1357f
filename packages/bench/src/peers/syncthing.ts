import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Machine, Program } from '../machines/machine.ts';
import { findVersion } from './find-version.ts';
import { listening } from './listening.ts';
import type { Installation, Peer, Site } from './peer.ts';

const PORT = 8760;
const API_PORT = 8761;
const KEY = 'benchmark';
const FOLDER = 'box';
/** The least that version 1.19 accepts. */
const WATCHER_DELAY_SECONDS = 1;
const CALM = ['--no-browser', '--no-restart', '--no-upgrade', '--logfile=-', '--no-default-folder'];

export const syncthing: Peer = {
	name: 'Syncthing',
	settings:
		'three instances, the one on the server as a hub; watcher delay 1 s (the least that this version accepts), no discovery, relays, NAT, upgrades or reports, normal process priority; fsync as by default',
	carries: { times: true, executables: true },
	ownNames: ['.stfolder'],
	version: () => findVersion('syncthing', ['--version']),
	open: async ({ network: { a, server, b }, folderA, folderB, store, home }: Site): Promise<Installation> => {
		const places: [Machine, string][] = [
			[a, folderA],
			[server, store],
			[b, folderB],
		];
		const nodes = await Promise.all(
			places.map(([machine, folder]) => Node.make(machine, folder, join(home, machine.name))),
		);
		const [nodeA, hub, nodeB] = nodes as [Node, Node, Node];
		nodeA.configure([nodeA, hub], hub);
		hub.configure(nodes, hub);
		nodeB.configure([nodeB, hub], hub);
		const quiet = async () => {
			while (!(await Promise.all(nodes.map((node) => node.isInSync()))).every(Boolean)) await sleep(20);
		};
		await Promise.all(nodes.map((node) => node.start()));
		await quiet();
		return {
			isContinuous: true,
			carry: async () => {},
			recheck: () => nodeA.rescan(),
			restart: async () => {
				await nodeA.stop();
				await nodeA.start();
				while (!(await nodeA.isInSync())) await sleep(20);
			},
			quiet,
			close: async () => {
				await Promise.all(nodes.map((node) => node.stop()));
			},
		};
	},
};

/** One instance. */
class Node {
	readonly #machine: Machine;
	readonly #folder: string;
	readonly #home: string;
	readonly #id: string;
	#others: readonly Node[] = [];
	#program: Program | undefined;

	constructor(machine: Machine, folder: string, home: string, id: string) {
		this.#machine = machine;
		this.#folder = folder;
		this.#home = home;
		this.#id = id;
	}

	static async make(machine: Machine, folder: string, home: string): Promise<Node> {
		mkdirSync(home);
		await machine.run('syncthing', ['generate', `--home=${home}`, '--no-default-folder'], { env: { HOME: home } });
		const id = await machine.run('syncthing', ['serve', `--home=${home}`, '--device-id'], { env: { HOME: home } });
		return new Node(machine, folder, home, id.trim());
	}

	/** @param members who shares the folder with it, itself among them. Only the hub is called; it calls nobody. */
	configure(members: readonly Node[], hub: Node): void {
		this.#others = members.filter((node) => node !== this);
		const ids = members.map((node) => `<device id="${node.#id}"/>`).join('');
		const address = (node: Node) => (node === hub ? `tcp://${hub.#machine.address}:${PORT}` : 'dynamic');
		const devices = members.map((node) => `<device id="${node.#id}"><address>${address(node)}</address></device>`);
		const listen = this === hub ? `tcp://${hub.#machine.address}:${PORT}` : 'tcp://127.0.0.1:0';
		writeFileSync(
			join(this.#home, 'config.xml'),
			`<configuration version="36">
	<folder id="${FOLDER}" path="${this.#folder}" type="sendreceive" rescanIntervalS="3600"
		fsWatcherEnabled="true" fsWatcherDelayS="${WATCHER_DELAY_SECONDS}">${ids}</folder>
	${devices.join('\n\t')}
	<gui enabled="true" tls="false"><address>${this.#api}</address><apikey>${KEY}</apikey></gui>
	<options>
		<listenAddress>${listen}</listenAddress>
		<globalAnnounceEnabled>false</globalAnnounceEnabled>
		<localAnnounceEnabled>false</localAnnounceEnabled>
		<relaysEnabled>false</relaysEnabled>
		<natEnabled>false</natEnabled>
		<urAccepted>-1</urAccepted>
		<crashReportingEnabled>false</crashReportingEnabled>
		<autoUpgradeIntervalH>0</autoUpgradeIntervalH>
		<startBrowser>false</startBrowser>
		<setLowPriority>false</setLowPriority>
		<reconnectionIntervalS>1</reconnectionIntervalS>
	</options>
</configuration>
`,
		);
	}

	/** Its own web interface, reached from the server, where this program runs. */
	get #api(): string {
		const offset = { server: 0, a: 1, b: 2 }[this.#machine.name];
		return `${this.#machine.address}:${API_PORT + offset}`;
	}

	async start(): Promise<void> {
		const args = ['serve', `--home=${this.#home}`, ...CALM];
		this.#program = this.#machine.start('syncthing', args, { env: { HOME: this.#home } });
		const [host = '', port] = this.#api.split(':');
		await listening(this.#program, host, Number(port));
	}

	async stop(): Promise<void> {
		await this.#program?.stop();
	}

	/** Resolves when the scan is done. */
	async rescan(): Promise<void> {
		await this.#ask('POST', `db/scan?folder=${FOLDER}`);
	}

	/** It is idle, lacks nothing, and says so of everybody it is connected to. */
	async isInSync(): Promise<boolean> {
		const status = await this.#ask('GET', `db/status?folder=${FOLDER}`);
		if (status?.state !== 'idle' || status.needTotalItems !== 0) return false;
		const others = this.#others.map((node) => this.#ask('GET', `db/completion?folder=${FOLDER}&device=${node.#id}`));
		const connected = ((await this.#ask('GET', 'system/connections'))?.connections ?? {}) as Record<
			string,
			{ connected: boolean }
		>;
		if (!this.#others.every((node) => connected[node.#id]?.connected)) return false;
		return (await Promise.all(others)).every((answer) => answer?.completion === 100);
	}

	async #ask(method: string, path: string): Promise<Record<string, unknown> | undefined> {
		const response = await fetch(`http://${this.#api}/rest/${path}`, { method, headers: { 'X-API-Key': KEY } });
		if (!response.ok) return undefined;
		const text = await response.text();
		return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
	}
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterwards } from './cleanup.ts';
import { freePorts } from './free-ports.ts';
import { Program } from './process.ts';
import { childrenOf, isAlive, type RunningProcess } from './processes.ts';
import { until } from './until.ts';

const SUPERVISOR = resolve(import.meta.dirname, '../../src/main.ts');

export interface ProductOptions {
	readonly dataServers?: number;
	/** Bytes of quotas per data server. */
	readonly capacity?: number;
	/** Bytes that a new user gets. */
	readonly quota?: number;
	/** `sqlite`, or a mysql:// address whose path is the prefix of its databases. */
	readonly database?: string;
	readonly signUps?: 'open' | 'closed';
}

export interface Person {
	readonly username: string;
	readonly password: string;
	/** For `Authorization: Bearer` at the website's API. */
	readonly token: string;
}

/** A whole MyDropbox in its own processes, on its own ports and in its own directory. */
export class Product {
	readonly data: string;
	readonly firstPort: number;
	readonly #options: ProductOptions;
	#program: Program | undefined;

	constructor(data: string, firstPort: number, options: ProductOptions) {
		this.data = data;
		this.firstPort = firstPort;
		this.#options = options;
	}

	get site(): string {
		return `http://localhost:${this.firstPort}`;
	}

	get routeUrl(): string {
		return `http://localhost:${this.firstPort + 1}`;
	}

	/** The first is 1. */
	dataUrl(server: number): string {
		return `http://localhost:${this.firstPort + 1 + server}`;
	}

	get flags(): string[] {
		const { dataServers = 1, capacity, quota, database, signUps } = this.#options;
		return [
			`--data=${this.data}`,
			`--web-port=${this.firstPort}`,
			`--route-port=${this.firstPort + 1}`,
			`--data-port=${this.firstPort + 2}`,
			`--data-servers=${dataServers}`,
			...(capacity === undefined ? [] : [`--capacity=${capacity}`]),
			...(quota === undefined ? [] : [`--quota=${quota}`]),
			...(database === undefined ? [] : [`--database=${database}`]),
			...(signUps === undefined ? [] : [`--sign-ups=${signUps}`]),
		];
	}

	/** Resolves when it says that it is ready. */
	async start(): Promise<void> {
		this.#program = new Program([SUPERVISOR, ...this.flags], { ipc: true });
		await this.#program.says(/^MyDropbox is ready: \S+$/m);
	}

	/** Starts it, with more flags that win, and waits until it gives up. */
	async failsToStart(more: readonly string[] = []): Promise<{ code: number | null; stderr: string }> {
		const program = new Program([SUPERVISOR, ...this.flags, ...more]);
		return { code: await program.ended, stderr: program.stderr };
	}

	get program(): Program {
		if (!this.#program) throw new Error('The product was not started.');
		return this.#program;
	}

	/** The processes of its servers, by name: route, web, data1, … */
	servers(): Map<string, RunningProcess> {
		const found = childrenOf(this.program.child.pid ?? -1).map((child): [string, RunningProcess] => {
			const id = /--id (\S+)/.exec(child.command)?.[1];
			return [id ?? (child.command.includes('web-server') ? 'web' : 'route'), child];
		});
		return new Map(found);
	}

	/** As if the process had crashed. Resolves when its successor answers. */
	async killServer(name: string): Promise<void> {
		const before = this.servers().get(name);
		if (!before) throw new Error(`There is no server ${name}.`);
		process.kill(before.pid, 'SIGKILL');
		const [kind, number] = [name.replace(/\d+$/, ''), Number(/\d+$/.exec(name)?.[0] ?? 0)];
		const url = { web: this.site, route: this.routeUrl }[kind] ?? this.dataUrl(number);
		await until(`${name} runs again`, async () => {
			const now = this.servers().get(name);
			return now && now.pid !== before.pid && (await fetch(`${url}/readyz`)).ok;
		});
	}

	/** Asks it to stop. @returns the exit code. */
	async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<number | null> {
		return this.program.end(signal);
	}

	/** SIGKILL for the supervisor; resolves when its servers have noticed and are gone. */
	async kill(): Promise<void> {
		const servers = [...this.servers().values()];
		await this.program.end('SIGKILL');
		await until('the servers are gone', () => servers.every(({ pid }) => !isAlive(pid)));
	}

	/** The website's JSON API, as a script would use it. */
	async api(method: string, path: string, options: { token?: string; body?: unknown } = {}): Promise<Response> {
		const { token, body } = options;
		return fetch(`${this.site}/api/v1${path}`, {
			method,
			headers: {
				...(token && { authorization: `Bearer ${token}` }),
				...(body !== undefined && { 'content-type': 'application/json' }),
			},
			...(body !== undefined && { body: JSON.stringify(body) }),
		});
	}

	async signUp(username: string): Promise<Person> {
		const password = `correct horse battery ${username}`;
		const body = { username, email: `${username}@example.org`, password };
		const created = await this.api('POST', '/users', { body });
		if (created.status !== 201) throw new Error(`Sign-up was answered with ${created.status}: ${await created.text()}`);
		const session = await this.api('POST', '/session', { body: { username, password } });
		const { token } = (await session.json()) as { token: string };
		return { username, password, token };
	}
}

/** A product that is not running yet; after the test it is stopped and its data is gone. */
export async function prepareProduct(options: ProductOptions = {}): Promise<Product> {
	const data = await mkdtemp(join(tmpdir(), 'mydropbox-product-'));
	const product = new Product(data, await freePorts(2 + (options.dataServers ?? 1)), options);
	afterwards(async () => {
		await product.stop('SIGTERM').catch(() => {});
		await rm(data, { recursive: true, force: true });
	});
	return product;
}

export async function startProduct(options: ProductOptions = {}): Promise<Product> {
	const product = await prepareProduct(options);
	await product.start();
	return product;
}

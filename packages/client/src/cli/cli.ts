import type { CreateEngine } from '../daemon/engine.ts';
import { Home } from '../daemon/home.ts';
import type { Terminal } from './terminal.ts';

/** What the commands are given from outside. */
export interface World {
	readonly terminal: Terminal;
	readonly env: Readonly<Record<string, string | undefined>>;
	/** The script that a daemon's process runs. */
	readonly daemonScript: string;
	/** For `start --foreground`; loaded when it is needed. */
	readonly loadEngine: () => Promise<CreateEngine>;
}

export const EXIT = { fine: 0, failed: 1, usage: 2, notRunning: 3 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A command line with its home. */
export class Cli {
	readonly world: World;
	readonly home: Home;
	readonly #homeOption: string | undefined;

	constructor(world: World, homeOption: string | undefined) {
		this.world = world;
		this.#homeOption = homeOption;
		this.home = new Home(homeOption ?? (world.env.MYDROPBOX_HOME || undefined));
	}

	get terminal(): Terminal {
		return this.world.terminal;
	}

	/** How to type a command so that it means this device. */
	readonly command = (name: string): string => {
		const program = this.world.env.npm_command === 'exec' ? 'npx mydropbox' : 'mydropbox';
		return `${program} ${name}${this.#homeOption === undefined ? '' : ` --home ${quote(this.#homeOption)}`}`;
	};
}

const quote = (text: string): string => (/^[\w./~:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

import { createInterface } from 'node:readline/promises';
import { PassThrough, type Readable, type Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { UserError } from '../daemon/user-error.ts';

type Output = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** The person's side of the command line. */
export class Terminal {
	readonly #input: Readable & { readonly isTTY?: boolean };
	readonly #output: Output;
	readonly #errors: Output;
	#live = '';

	constructor(input: Readable = process.stdin, output: Output = process.stdout, errors: Output = process.stderr) {
		this.#input = input;
		this.#output = output;
		this.#errors = errors;
	}

	/** Whether somebody is there to be asked. */
	get isInteractive(): boolean {
		return this.#input.isTTY === true;
	}

	/** Whether a line can be rewritten in place. */
	get isLive(): boolean {
		return this.#errors.isTTY === true;
	}

	print(line = ''): void {
		this.endLine();
		this.#output.write(`${line}\n`);
	}

	complain(line: string): void {
		this.endLine();
		this.#errors.write(`${line}\n`);
	}

	/** Shows one line that the next call replaces. */
	showLine(line: string): void {
		if (line === this.#live) return;
		const fitting = line.slice(0, (this.#errors.columns || 80) - 1);
		this.#errors.write(`\r\x1b[K${fitting}`);
		this.#live = line;
	}

	endLine(): void {
		if (this.#live !== '') this.#errors.write('\r\x1b[K');
		this.#live = '';
	}

	ask(question: string): Promise<string> {
		return this.#read(question, this.#errors);
	}

	/** What is typed is not shown. */
	async askSecret(question: string): Promise<string> {
		this.#errors.write(question);
		const answer = await this.#read('', new PassThrough().resume());
		this.#errors.write('\n');
		return answer;
	}

	/** All of the standard input, without the line break that `echo` adds. */
	async readInput(): Promise<string> {
		return (await text(this.#input)).replace(/\r?\n$/, '');
	}

	async #read(question: string, echo: Writable): Promise<string> {
		const reader = createInterface({ input: this.#input, output: echo, terminal: this.isInteractive });
		try {
			return await new Promise((resolve, reject) => {
				const cancel = () => reject(new UserError('Cancelled.', 'Nothing was changed.'));
				reader.on('SIGINT', cancel).on('close', cancel);
				reader.question(question).then(resolve, reject);
			});
		} finally {
			reader.close();
		}
	}
}

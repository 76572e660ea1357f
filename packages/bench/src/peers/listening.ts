import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Program } from '../machines/machine.ts';

/** Resolves when the program listens there. @throws Error with all it said, when it ends instead. */
export async function listening(program: Program, host: string, port: number): Promise<void> {
	let code: number | null | undefined;
	void program.ended.then((ended) => {
		code = ended;
	});
	while (!(await accepts(host, port))) {
		if (code !== undefined) throw new Error(`It ended (${code}) before it listened:\n${program.said.slice(-2000)}`);
		await sleep(20);
	}
}

function accepts(host: string, port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const socket = connect({ host, port });
		socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
		socket.once('connect', () => socket.destroy());
	});
}

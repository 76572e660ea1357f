import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { MACHINE_MARK, RUN_MARK } from './machines/machine.ts';
import { openNetwork } from './machines/network.ts';
import { OwnProcesses } from './machines/processes.ts';
import type { Options } from './options.ts';
import { chart } from './report/chart.ts';
import { rowsOf } from './report/rows.ts';
import { page } from './report/table.ts';
import { type About, Results } from './results.ts';
import { measureAll } from './runner.ts';

/** Measures everything that was asked for and writes the report. @returns the exit code. */
export async function compare({ workloads, peers, peersChosen, runs, out, work: parent }: Options): Promise<number> {
	const work = mkdtempSync(join(parent, 'mydropbox-bench-'));
	process.env[RUN_MARK] = work;
	process.env[MACHINE_MARK] = 'server';
	const own = new OwnProcesses(work);
	const leaveNothing = () => {
		for (const { pid } of own.list()) process.kill(pid, 'SIGKILL');
		rmSync(work, { recursive: true, force: true });
	};
	process.once('exit', leaveNothing);
	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1));

	const versions = Object.fromEntries(Object.entries(peers).map(([name, peer]) => [name, peer.version() ?? null]));
	const results = new Results(out, {
		machine: describeMachine(),
		startedAt: new Date().toISOString(),
		versions,
	} satisfies About);
	const installed = Object.entries(peers).filter(([name]) => versions[name] !== null);
	const missing = Object.entries(peers).filter(([name]) => versions[name] === null);
	for (const [, { name }] of missing) console.error(`${name} is missing on this machine.`);

	const tell = (line: string) => console.error(`${new Date().toTimeString().slice(0, 8)} ${line}`);
	const plan = { workloads, peers: Object.fromEntries(installed), peersChosen, runs };
	const network = await openNetwork();
	await measureAll(plan, { network, own, work, results, tell });
	network.close();

	const rows = rowsOf(results, Object.keys(peers));
	const report = page(rows, peers, results.about);
	writeFileSync(join(out, 'report.md'), report);
	writeFileSync(join(out, 'chart.svg'), chart(rows, peers));
	console.log(report);
	console.error(`The numbers are in ${join(out, 'results.json')}, the chart in ${join(out, 'chart.svg')}.`);
	return results.failures.length > 0 ? 1 : 0;
}

function describeMachine(): string {
	const model = cpus()[0]?.model ?? arch();
	const memory = Math.round(totalmem() / 2 ** 30);
	return `${availableParallelism()} × ${model}, ${memory} GiB, ${type()} ${release()}, Node ${process.versions.node}`;
}

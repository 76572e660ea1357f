import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { PEERS } from './peers/index.ts';
import type { Peer } from './peers/peer.ts';
import { WORKLOADS } from './workloads/index.ts';
import type { Workload } from './workloads/workload.ts';

export const HELP = `npm run bench -- [options]      measures MyDropbox and its peers side by side
npm run bench -- chunk-sizes    what an edit costs by the size of the blocks

  --only w1,w3       these workloads; default all but those on request
  --peers rsync,…    these besides none else; default all that are installed
  --runs N           how often each; default 1 to 3, as the workload says
  --out DIR          where the report goes; what is there already is not measured again (default ./bench-results)
  --work DIR         where the data goes while it runs: about 25 GB, on the disk to measure (default ${tmpdir()})

Workloads:
${WORKLOADS.map(({ id, title, onRequest }) => `  ${id.padEnd(13)} ${title}${onRequest ? ' (on request)' : ''}`).join('\n')}

Peers: ${Object.keys(PEERS).join(', ')}`;

export interface Options {
	readonly workloads: readonly Workload[];
	readonly peers: Readonly<Record<string, Peer>>;
	readonly peersChosen: boolean;
	readonly runs: number | undefined;
	readonly out: string;
	readonly work: string;
}

/** Says what is wrong with the command line. */
export class UsageError extends Error {}

/** @returns undefined when only help was asked for. */
export function readOptions(args: readonly string[]): Options | undefined {
	const { values } = parse(args);
	if (values.help) return undefined;
	const runs = values.runs === undefined ? undefined : Number(values.runs);
	if (runs !== undefined && !(Number.isInteger(runs) && runs > 0))
		throw new UsageError('--runs must be a number from 1.');
	const byId = Object.fromEntries(WORKLOADS.map((workload) => [workload.id, workload]));
	const peers = values.peers === undefined ? PEERS : Object.fromEntries(pick('peer', PEERS, values.peers));
	return {
		workloads:
			values.only === undefined
				? WORKLOADS.filter(({ onRequest }) => !onRequest)
				: pick('workload', byId, values.only).map(([, workload]) => workload),
		peers,
		peersChosen: values.peers !== undefined,
		runs,
		out: values.out,
		work: values.work,
	};
}

function parse(args: readonly string[]) {
	try {
		return parseArgs({
			args: [...args],
			options: {
				only: { type: 'string' },
				peers: { type: 'string' },
				runs: { type: 'string' },
				out: { type: 'string', default: 'bench-results' },
				work: { type: 'string', default: tmpdir() },
				help: { type: 'boolean', default: false },
			},
		});
	} catch (error) {
		throw new UsageError((error as Error).message);
	}
}

function pick<T>(what: string, from: Readonly<Record<string, T>>, list: string): [string, T][] {
	return list.split(',').map((name) => {
		const found = from[name];
		if (found === undefined) {
			throw new UsageError(`There is no ${what} "${name}". There are: ${Object.keys(from).join(', ')}.`);
		}
		return [name, found];
	});
}

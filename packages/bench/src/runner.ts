import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Network } from './machines/network.ts';
import type { OwnProcesses } from './machines/processes.ts';
import type { Peer } from './peers/peer.ts';
import type { Key, Measured, Results } from './results.ts';
import { Stage } from './stage.ts';
import { GROUPS } from './workloads/index.ts';
import type { Workload } from './workloads/workload.ts';

export interface Plan {
	/** By name; those that are installed. */
	readonly peers: Readonly<Record<string, Peer>>;
	readonly workloads: readonly Workload[];
	/** Instead of each workload's own number. */
	readonly runs: number | undefined;
	/** The peers were asked for by name, so each takes part in everything. */
	readonly peersChosen: boolean;
}

export interface Lab {
	readonly network: Network;
	readonly own: OwnProcesses;
	/** A directory of this program's own. */
	readonly work: string;
	readonly results: Results;
	readonly tell: (line: string) => void;
}

/**
 * Measures what the results lack. The peers take turns, so that a slow minute of the machine meets them all; each run
 * has new folders, and nothing large is deleted before the end.
 */
export async function measureAll(plan: Plan, lab: Lab): Promise<void> {
	const names = Object.keys(plan.peers);
	for (const group of GROUPS) {
		const chosen = group.filter((workload) => plan.workloads.includes(workload));
		const mostRuns = Math.max(0, ...chosen.map((workload) => plan.runs ?? workload.runs));
		for (let run = 1; run <= mostRuns; run++) {
			for (const name of rotated(names, run - 1)) {
				const lacking = chosen.filter((workload) => {
					const isDone = lab.results.has({ workload: workload.id, peer: name, run });
					return run <= (plan.runs ?? workload.runs) && takesPart(plan, name, workload) && !isDone;
				});
				if (lacking.length > 0) await runOne(plan, lab, name, run, lacking);
			}
		}
	}
}

function takesPart({ peers, peersChosen }: Plan, name: string, workload: Workload): boolean {
	const own = peers[name]?.workloads;
	if (own && !own.includes(workload.id)) return false;
	return peersChosen || !workload.peers || workload.peers.includes(name);
}

async function runOne(plan: Plan, lab: Lab, name: string, run: number, lacking: readonly Workload[]): Promise<void> {
	const peer = plan.peers[name]!;
	const place = join(lab.work, `${lacking[0]!.id}-${name}-${run}-${Date.now()}`);
	const folder = (inner: string): string => {
		const path = join(place, inner);
		mkdirSync(path, { recursive: true });
		return path;
	};
	const [folderA, folderB, store, home, staging] = ['A', 'B', 'server', 'home', 'staging'].map(folder) as Five;
	const { network, own, results, tell } = lab;
	const library = join(lab.work, 'library');
	let key: Key = { workload: lacking[0]!.id, peer: name, run };
	try {
		const installation = await peer.open({ network, folderA, folderB, store, home });
		try {
			lab.tell(`${name} is ready`);
			for (const workload of withWhatTheyStartFrom(lacking)) {
				key = { workload: workload.id, peer: name, run };
				const measured: Measured[] = [];
				const record = (each: Measured) => measured.push(each);
				const options = { peer, installation, network, own, folderA, folderB, staging, library, record, tell };
				await workload.run(new Stage(options));
				if (!lacking.includes(workload)) continue;
				results.add(key, measured);
				for (const each of measured) lab.tell(`${describe(key)}: ${format(each)}`);
			}
		} finally {
			await installation.close();
		}
	} catch (error) {
		results.fail(key, error as Error);
		lab.tell(`${describe(key)} failed: ${(error as Error).message}`);
	}
	if (lacking.every((workload) => workload.leavesLittle)) rmSync(place, { recursive: true });
}

type Five = [string, string, string, string, string];

/** Each after the one that it starts from, which may have been measured before or not at all. */
function withWhatTheyStartFrom(workloads: readonly Workload[]): readonly Workload[] {
	const all = new Set<Workload>();
	const add = (workload: Workload): void => {
		if (workload.startsFrom) add(workload.startsFrom);
		all.add(workload);
	};
	workloads.forEach(add);
	return [...all];
}

const rotated = <T>(list: readonly T[], by: number): T[] => list.map((_, index) => list[(index + by) % list.length]!);

const describe = ({ workload, peer, run }: Key): string => `${workload}, ${peer}, run ${run}`;

const format = ({ what, value, unit, p95 }: Measured): string =>
	`${what ? `${what} ` : ''}${value.toFixed(3)} ${unit}${p95 === undefined ? '' : `, p95 ${p95.toFixed(3)} ${unit}`}`;

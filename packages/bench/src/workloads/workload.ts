import type { Stage } from '../stage.ts';

/** Something that people do with their files, and what to measure of it. */
export interface Workload {
	readonly id: string;
	/** For the report: what happens, with its numbers. */
	readonly title: string;
	/** The workload whose end this one begins with, in the same installation. */
	readonly startsFrom?: Workload;
	/** How often, unless the command line says otherwise. */
	readonly runs: number;
	/** It takes so long that it is only run when it is asked for by name. */
	readonly onRequest?: boolean;
	/** It leaves so little behind that its files can be deleted without slowing down whoever comes next. */
	readonly leavesLittle?: boolean;
	/** The peers that take part by default; undefined: all. */
	readonly peers?: readonly string[];
	/** MUST record at least one measurement, or throw. */
	run(stage: Stage): Promise<void>;
}

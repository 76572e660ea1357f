import { type Fs, type JobName, nodeFs, serveJobs } from '@mydropbox/client';
import { Boundaries } from './boundaries.ts';
import { fsWithBoundaries } from './ports.ts';

const boundaries = new Boundaries();
const disks = new Map<JobName, Fs>();

serveJobs((job) => {
	const disk = disks.get(job) ?? fsWithBoundaries(nodeFs, job, boundaries);
	disks.set(job, disk);
	return disk;
});

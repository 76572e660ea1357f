import { nodeFs } from './node-fs.ts';
import { serveJobs } from './serve-jobs.ts';

serveJobs(() => nodeFs);

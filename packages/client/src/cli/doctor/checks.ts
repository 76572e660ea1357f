import { account } from './account.ts';
import { clock } from './clock.ts';
import { configuration } from './configuration.ts';
import { credentials } from './credentials.ts';
import { daemon } from './daemon.ts';
import { database } from './database.ts';
import { diskNames } from './disk-names.ts';
import { diskTimes } from './disk-times.ts';
import { fileSystem } from './file-system.ts';
import { folder } from './folder.ts';
import { hardLinks } from './hard-links.ts';
import { log } from './log.ts';
import { marker } from './marker.ts';
import { node } from './node.ts';
import { openFiles } from './open-files.ts';
import type { Check, Patient, SignedIn } from './patient.ts';
import { server } from './server.ts';
import { space } from './space.ts';
import { watches } from './watches.ts';

/** What has to be in order before a check says anything. */
export type Row =
	| { readonly title: string; readonly needs: 'nothing'; readonly check: Check<Patient> }
	| { readonly title: string; readonly needs: 'login' | 'folder'; readonly check: Check<SignedIn> };

/**
 * Everything that `mydropbox doctor` looks at, in the order in which a person should mend it. The keys are what scripts
 * know the checks by. To add one: a module with a `Check`, and a line here.
 */
export const CHECKS: Readonly<Record<string, Row>> = {
	node: { title: 'Node.js', needs: 'nothing', check: node },
	configuration: { title: 'Configuration', needs: 'nothing', check: configuration },
	credentials: { title: 'Credentials', needs: 'login', check: credentials },
	folder: { title: 'Folder', needs: 'login', check: folder },
	marker: { title: 'Marker', needs: 'folder', check: marker },
	'file-system': { title: 'File system', needs: 'folder', check: fileSystem },
	'hard-links': { title: 'Hard links', needs: 'folder', check: hardLinks },
	'disk-names': { title: 'Names', needs: 'folder', check: diskNames },
	'disk-times': { title: 'Times', needs: 'folder', check: diskTimes },
	space: { title: 'Disk space', needs: 'login', check: space },
	database: { title: 'Database', needs: 'login', check: database },
	watches: { title: 'Watches', needs: 'folder', check: watches },
	'open-files': { title: 'Open files', needs: 'nothing', check: openFiles },
	server: { title: 'Server', needs: 'login', check: server },
	clock: { title: 'Clock', needs: 'login', check: clock },
	account: { title: 'Account', needs: 'login', check: account },
	daemon: { title: 'Daemon', needs: 'login', check: daemon },
	log: { title: 'Log', needs: 'nothing', check: log },
};

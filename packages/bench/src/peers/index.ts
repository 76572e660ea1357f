import { floor } from './floor.ts';
import { mydropbox } from './mydropbox.ts';
import { mydropboxMysql } from './mydropbox-mysql.ts';
import type { Peer } from './peer.ts';
import { rclone } from './rclone.ts';
import { rsync } from './rsync.ts';
import { syncthing } from './syncthing.ts';
import { unison } from './unison.ts';

/** By the name that the command line knows them by, in the order of the report. */
export const PEERS: Readonly<Record<string, Peer>> = {
	mydropbox,
	'mydropbox-mysql': mydropboxMysql,
	floor,
	rsync,
	unison,
	rclone,
	syncthing,
};

import type { DatabaseSync } from 'node:sqlite';

/** Grows by one with each change of the tables; a file from a newer version is refused. */
export const SCHEMA_VERSION = 7;

/** Of database pages in memory. */
const CACHE_KIB = 8 * 1024;
/** Of 4 KiB each. */
const CHECKPOINT_PAGES = 4000;

const tree = (name: string, extra: string) => `
	create table ${name} (
		id text primary key, parent text not null, name text not null, kind text not null,
		content text, size integer, mtime text, exec integer, target text ${extra}
	) without rowid;
	create index ${name}_place on ${name} (parent, name);
`;

/** Takes over what the table of this name had as a tree. */
const notes = (name: string, extra: string) => `
	alter table ${name} rename to old_${name};
	create table ${name} (seq integer primary key, changes text not null);
	insert into ${name} (changes) select json_group_array(json_array(id, json_object('id', id, 'parent', parent, 'name', name,
		'version', case kind
			when 'file' then json_object('kind', kind, 'content', content, 'size', size, 'mtime', mtime,
				'exec', json(iif(exec, 'true', 'false')))
			when 'symlink' then json_object('kind', kind, 'target', target, 'mtime', mtime)
			else json_object('kind', kind) end,
		${extra}))) from old_${name};
	drop table old_${name};
`;

/**
 * What a device remembers: observations only, never pending work, so that after any crash the daemon reads the three
 * trees and plans again.
 */
const STEPS = [
	`
	-- Single values: cursor and epoch of the namespace, identity of the folder, time of the last sync.
	create table meta (key text primary key, value text not null) without rowid;

	-- What the server said, as far as the cursor in meta.
	${tree('remote', ', rev integer not null')}

	-- What the disk showed. disk_name is the name's spelling on this disk; identity and stamp are those of fs/entry.ts;
	-- racy says that the file was read so soon after it was written that a later write could look the same.
	${tree('local', ', disk_name text not null, identity text not null, stamp text not null, disk_mtime text not null, racy integer not null')}
	create index local_identity on local (identity);

	-- What both last agreed on.
	${tree('synced', '')}

	-- Block lists of contents, as JSON; and where each block occurs, so that a download takes from the disk what is there.
	create table contents (hash text primary key, chunker text not null, size integer not null, blocks text not null) without rowid;
	create table blocks (hash text not null, content text not null, start integer not null, primary key (hash, content)) without rowid;
	create index local_content on local (content) where content is not null;
`,
	`
	-- What this device last told the server about a node, until the remote tree shows what became of it; rev is null while
	-- nobody knows whether the server took it.
	${tree('sent', ', rev integer')}
`,
	`
	-- What is being made of a node on the disk, from before the change until it is recorded. After a crash it tells our own
	-- work from a person's; agrees says what both sides agree on once it is there: its version, its place, or nothing; or that it
	-- is gone.
	${tree('applying', ', agrees text')}
`,
	`
	-- The text of each .mydropboxignore as it was last read, by the folder that it is in; stamp is that of fs/entry.ts.
	create table rules (folder text primary key, stamp text not null, text text not null) without rowid;
`,
	`
	-- Deletes that the guard against mass deletes remembers (control/mass-deletes.ts): what was let go lately, what is held
	-- until a person answers, and what a person confirmed; at is when, in milliseconds since 1970.
	${tree('deletes', ', standing text not null, at integer not null')}
`,
	`
	-- Notes in rows of [id, node or null], one row for what a transaction changed; the last word on a node counts.
	${notes('sent', "'rev', rev")}
	${notes('applying', "'agrees', agrees")}

	-- Nobody asks for these by their place; and where the only block of a content lies says the content.
	drop index synced_place;
	drop index deletes_place;
	delete from blocks where content in (select hash from contents where json_array_length(blocks) = 1);
`,
	`
	-- Contents by number. One that no block list has come for yet has only its hash.
	alter table contents rename to old_contents;
	create table contents (number integer primary key, hash text not null, chunker text, size integer, blocks text);
	insert into contents (hash, chunker, size, blocks) select hash, chunker, size, blocks from old_contents;
	insert into contents (hash)
		select content from (select content from remote union select content from local union select content from synced)
		where content is not null and content not in (select hash from old_contents);
	drop table old_contents;
	create index contents_hash on contents (substr(hash, 1, 10));

	alter table blocks rename to old_blocks;
	create table blocks (hash text not null, content integer not null, start integer not null, primary key (hash, content)) without rowid;
	insert into blocks (hash, content, start) select old_blocks.hash, number, start from old_blocks join contents
		on substr(contents.hash, 1, 10) = substr(content, 1, 10) and contents.hash = content;
	drop table old_blocks;

	-- One row for each state that a node is in, instead of one in each tree; trees has 1 for remote, 2 for local, 4 for synced.
	-- A disk_name or disk_mtime that is null is the node's name or mtime.
	create table states (
		row integer primary key, id text not null, trees integer not null, rev integer,
		parent text not null, name text not null, kind text not null,
		content integer, size integer, mtime text, exec integer, target text,
		disk_name text, identity text, stamp text, disk_mtime text, racy integer
	);
	insert into states (id, trees, rev, parent, name, kind, content, size, mtime, exec, target,
		disk_name, identity, stamp, disk_mtime, racy)
	select id, sum(tree), max(rev), parent, name, kind,
		(select number from contents where substr(hash, 1, 10) = substr(content, 1, 10) and hash = content),
		size, mtime, exec, target,
		nullif(max(disk_name), name), max(identity), max(stamp), nullif(max(disk_mtime), mtime), max(racy)
	from (
		select 1 as tree, *, null as disk_name, null as identity, null as stamp, null as disk_mtime, null as racy from remote
		union all select 2, id, parent, name, kind, content, size, mtime, exec, target, null,
			disk_name, identity, stamp, disk_mtime, racy from local
		union all select 4, *, null, null, null, null, null, null from synced
	) group by id, parent, name, kind, content, size, mtime, exec, target;
	drop table remote;
	drop table local;
	drop table synced;
	create index states_id on states (id);
	create index states_place on states (parent, name);
	create index states_apart on states (trees) where trees < 7;
	create index states_identity on states (identity) where identity is not null;
	create index states_content on states (content) where content is not null and identity is not null;

	${notes('deletes', "'standing', standing, 'at', at")}
`,
];

/**
 * Durable with each transaction: a device that forgot what it had agreed on would take its own work for a conflict.
 * @param version an older one is for tests of what becomes of it.
 * @throws Error on a file that a newer version of MyDropbox has written.
 */
export function prepareSchema(db: DatabaseSync, version = SCHEMA_VERSION): void {
	db.exec('pragma journal_mode = wal; pragma synchronous = full; pragma temp_store = memory');
	// Of a large tree's indexes more is needed at once than SQLite's 2 MiB; what it writes back is written less often.
	db.exec(`pragma cache_size = -${CACHE_KIB}; pragma wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
	const { user_version: found } = db.prepare('pragma user_version').get() as { user_version: number };
	if (found > SCHEMA_VERSION) {
		throw new Error(
			`The state of this device was written by a newer version of MyDropbox (${found}, this one knows ${SCHEMA_VERSION}). Update MyDropbox and start it again.`,
		);
	}
	if (found === version) return;
	db.exec(`begin immediate; ${STEPS.slice(found, version).join('')} pragma user_version = ${version}; commit`);
}

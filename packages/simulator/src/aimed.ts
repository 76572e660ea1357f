import { type Hands, IN_STORIES, User } from './user.ts';

/** Calls in whose very moment what is there keeps its name: Node can neither exchange two names nor take one away only if it is the one. */
const LAST_MOMENTS = new Set(['rename', 'unlink']);

/** What somebody may do, at once, to the very path with which the daemon is just busy. */
const ACTS = {
	write(path: string, hands: Hands) {
		const user = new User(hands);
		user.write(path, user.bytes());
	},
	replace(path: string, hands: Hands) {
		const user = new User(hands);
		user.write(`${path}.swp`, user.bytes());
		hands.act(() => hands.disk.rename(`${path}.swp`, path));
	},
	remove(path: string, { act, disk }: Hands) {
		act(() => disk.unlink(path));
	},
};

export type Act = keyof typeof ACTS;

/** @param call what the daemon is about to do with the path. @returns undefined: nothing that can be done there. */
export function chooseAct(path: string, call: string, { disk, random, isStory }: Hands): Act | undefined {
	if (isStory) return IN_STORIES.has(path) ? 'write' : undefined;
	const there = disk.find(path);
	if (!there) return disk.find(path.slice(0, path.lastIndexOf('/'))) ? 'write' : undefined;
	if (there.kind !== 'file') return undefined;
	return LAST_MOMENTS.has(call) ? 'write' : random.weighted({ write: 6, replace: 3, remove: 1 });
}

export const act = (name: Act, path: string, hands: Hands): void => ACTS[name](path, hands);

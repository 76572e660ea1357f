import type { Link } from '@mydropbox/central';
import type { PathsResponse } from '@mydropbox/protocol';
import type { SharedLink } from '@mydropbox/protocol/web';

/** A link as the web API shows it to whoever shares it. @param node what it leads to now; undefined when it is not there. */
export function sharedLinkOf(link: Link, node: PathsResponse['nodes'][number] | undefined): SharedLink {
	return {
		id: link.id,
		path: node?.path ?? null,
		kind: node?.kind === 'folder' ? 'folder' : node ? 'file' : null,
		createdAt: new Date(link.createdAt).toISOString(),
		endsAt: link.endsAt === null ? null : new Date(link.endsAt).toISOString(),
	};
}

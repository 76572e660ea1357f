import type { NamespaceId, NodeId } from '@mydropbox/protocol';

export const NAMESPACE = '0'.repeat(32) as NamespaceId;

/** Ids that count. */
export function counting(): () => NodeId {
	let last = 0;
	return () => (++last).toString(16).padStart(32, '0') as NodeId;
}

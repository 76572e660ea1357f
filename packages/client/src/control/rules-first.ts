import type { NodeId } from '@mydropbox/protocol';
import type { LocalOperation, Plan, TreeReader } from '@mydropbox/sync-engine';
import { RULE_FILE } from '../ignore/patterns.ts';

/**
 * While rules are on their way to this device, or just being written, nothing else that is new is brought here: they
 * may say that it shall not.
 */
export function rulesFirst(plan: Plan, remote: TreeReader, rulesPending: boolean): Plan {
	const rules = plan.local
		.flat()
		.filter((operation) => operation.type === 'write' && operation.place.name === RULE_FILE);
	if (rules.length === 0 && !rulesPending) return plan;
	const needed = new Set<NodeId>();
	for (const { id } of rules) for (let at = remote.get(id); at; at = remote.get(at.parent)) needed.add(at.id);
	const mayGo = ({ type, id }: LocalOperation) => type !== 'write' || needed.has(id);
	return { ...plan, local: plan.local.map((batch) => batch.filter(mayGo)) };
}

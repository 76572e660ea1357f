import type { NodeId } from '@mydropbox/protocol';
import type { DirtyNodes } from '@mydropbox/sync-engine';

/** Nodes that may not be at rest. */
export class DirtySet extends Set<NodeId> implements DirtyNodes {
	#touched = new Set<NodeId>();

	override add(id: NodeId): this {
		this.#touched.add(id);
		return super.add(id);
	}

	takeTouched(): Set<NodeId> {
		const touched = this.#touched;
		this.#touched = new Set();
		return touched;
	}
}

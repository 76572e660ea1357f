export * from './conflict-name.ts';
export { ImpossibleTrees } from './fates.ts';
export * from './mass-deletes.ts';
export * from './memory-tree.ts';
export * from './outcomes.ts';
export * from './plan.ts';
export { type PlannerInput, plan } from './planner.ts';
export * from './tree.ts';
export { type DirtyNodes, Window } from './window.ts';

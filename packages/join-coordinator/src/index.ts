export { createJoinCoordinator, type JoinCoordinatorOptions } from './join-coordinator.ts';

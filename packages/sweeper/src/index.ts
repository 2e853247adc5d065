export { createSweeper, type SweeperOptions } from './sweeper.ts';

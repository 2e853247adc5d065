export { createSweeper, type SweeperOptions } from './sweeper.ts';
export { createIndexer, type IndexerOptions } from './indexer.ts';

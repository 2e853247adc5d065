import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** Packages are tested from their sources, without a build. */
const conditions = ['@joinery/source'];
const leakCheck = ['test/setup/open-handles.ts'];

/** Locks are speed and guards are safety: what decides must pass with locks that lock nobody out. */
const withoutExclusion = ['noop', 'lying'].map((lock) => ({
  extends: true as const,
  test: {
    name: `lock-${lock}`,
    include: ['engine', 'testing'].map((name) => `packages/${name}/test/**/*.integration.test.ts`),
    setupFiles: leakCheck,
    env: { JOINERY_TEST_LOCK: lock },
  },
}));

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    pool: 'forks',
    // Files share a few processes: loading the packages anew for each of them took as long as the tests. What a file
    // leaves behind would meet the next one; the leak check sees the part of it that could do harm.
    isolate: false,
    // Two even on one core: most of the time of the slow files is spent waiting.
    maxWorkers: Math.max(2, availableParallelism()),
    testTimeout: 30_000,
    hookTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['packages/*/src/**/*.test.ts', 'test/**/*.test.ts'] },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['packages/*/test/**/*.integration.test.ts'],
          setupFiles: leakCheck,
        },
      },
      {
        extends: true,
        test: {
          name: 'full',
          include: ['packages/*/test/**/*.full.test.ts'],
          setupFiles: leakCheck,
          testTimeout: 600_000,
          hookTimeout: 120_000,
        },
      },
      ...withoutExclusion,
    ],
  },
});

import { defineConfig } from 'vitest/config';

/** Packages are tested from their sources, without a build. */
const conditions = ['@joinery/source'];
const leakCheck = ['test/setup/open-handles.ts'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    pool: 'forks',
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
    ],
  },
});

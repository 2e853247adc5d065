import { defineConfig } from 'vitest/config';
const conditions = ['@joinery/source'];
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    projects: [
      { extends: true, test: { name: 'unit', benchmark: { include: ['packages/*/bench/**/*.bench.ts'] }, include: ['packages/*/src/**/*.test.ts'], typecheck: { enabled: true, include: ['packages/*/src/**/*.test-d.ts'], tsconfig: './tsconfig.check.json' } } },
      { extends: true, test: { name: 'integration', include: ['packages/*/test/**/*.integration.test.ts'] } },
    ],
  },
});

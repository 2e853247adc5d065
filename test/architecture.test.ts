import { settings } from '@joinery/kit';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  declarationProblems,
  forbiddenPatterns,
  importProblems,
  mayImport,
} from './package-rules.ts';
import { placeProblems, shapeProblems, undocumentedExports } from './shape-rules.ts';
import { unreadSettings } from './setting-rules.ts';
import { importsOf, packageOf, readTree, type Workspace, workspacesOf } from './source-tree.ts';

const tree = readTree();
const workspaces = workspacesOf(tree);
const restriction = z.object({ patterns: z.array(z.object({ group: z.array(z.string()) })) });
const lintRules = z.looseObject({
  'eslint/no-restricted-imports': z.tuple([z.literal('error'), restriction]).optional(),
});
const lintConfig = z.object({
  overrides: z.array(z.object({ files: z.array(z.string()), rules: lintRules })),
});
const sources = tree.filter((file) => /^packages\/[^/]+\/(src|test)\/.*\.tsx?$/.test(file.path));

describe('the architecture', () => {
  it('is read from what is there', () => {
    expect(workspaces.length).toBeGreaterThan(10);
    expect(sources.length).toBeGreaterThan(workspaces.length);
    expect(sources.flatMap((file) => importsOf(file.text)).length).toBeGreaterThan(sources.length);
  });

  it('has only packages whose dependencies their level allows', () => {
    expect(workspaces.flatMap(declarationProblems)).toEqual([]);
  });

  it('has only imports that are allowed, declared and not deep', () => {
    const problems = sources.flatMap((file) => {
      const workspace = workspaces.find((each) => each.name === packageOf(file.path));
      return workspace ? importProblems(file, workspace) : [`${file.path}: no package.json`];
    });
    expect(problems).toEqual([]);
  });

  it('is what the linter refuses too', () => {
    const file = tree.find((each) => each.path === '.oxlintrc.json');
    const { overrides } = lintConfig.parse(JSON.parse(file?.text ?? '{}'));
    for (const { name } of workspaces) {
      const own = overrides.find((each) => each.files[0] === `packages/${name}/src/**/*.ts`);
      const restricted = own?.rules['eslint/no-restricted-imports']?.[1].patterns[0]?.group;
      expect({ name, restricted }).toEqual({
        name,
        restricted: expect.arrayContaining([...forbiddenPatterns(name)]),
      });
    }
  });

  it('has levels without a way round', () => {
    const visit = (name: string, above: readonly string[]): void => {
      expect(above).not.toContain(name);
      for (const next of mayImport[name] ?? []) visit(next, [...above, name]);
    };
    for (const name of Object.keys(mayImport)) {
      // The tools on top may use each other; they are in nobody's way.
      if (!['cli', 'testing', 'bench', 'examples'].includes(name)) visit(name, []);
    }
  });

  it('has no setting that nothing reads', () => {
    expect(settings.length).toBeGreaterThan(20);
    expect(unreadSettings(settings, tree)).toEqual([]);
  });

  it('has files of a bounded length, a telling name and no loose ends', () => {
    expect(tree.flatMap(shapeProblems)).toEqual([]);
  });

  it('documents everything that a package exports', () => {
    const indexes = tree.filter((file) => /^packages\/[^/]+\/src\/index\.ts$/.test(file.path));
    expect(indexes.flatMap((index) => undocumentedExports(index, tree))).toEqual([]);
  });

  it('holds nowhere a path of a machine or the address of a registry', () => {
    expect(tree.flatMap(placeProblems)).toEqual([]);
  });
});

function at(text: string): number {
  return placeProblems({ path: 'a', text }).length;
}

describe('the rules themselves', () => {
  const store: Workspace = {
    name: 'store',
    dependencies: ['@joinery/core', 'zod', '@scope/lib'],
    devDependencies: [],
    exports: ['.'],
  };
  const problems = (text: string, path = 'packages/store/src/a.ts', workspace = store): unknown =>
    importProblems({ path, text }, workspace).map((problem) => problem.replace(/^.* imports /, ''));

  it('find static, dynamic, type and re-exporting imports, but none in comments', () => {
    const text = [
      "import 'a';",
      "import { type B,\n  c } from 'b';",
      "export * from 'c';",
      "const d = await import('d');",
      "/* import 'no'; */",
      "// import 'no';",
      "export const from = 'no';",
    ].join('\n');
    expect(importsOf(text)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('let pass what is allowed and declared', () => {
    const text = ['@joinery/core', 'zod', '@scope/lib/deep', 'node:fs', './b.ts', '../src/c.ts'];
    expect(problems(text.map((each) => `import '${each}';`).join('\n'))).toEqual([]);
  });

  it.each([
    ['@joinery/queues', 'not allowed for store'],
    ['@joinery/kit', 'not among the dependencies of store'],
    ['@joinery/core/src/index.ts', 'a deep path; take it from the index'],
    ['@joinery/store', 'its own index'],
    ['@joinery/testing', 'not allowed for store'],
    ['bullmq', 'bullmq is not among the dependencies of store'],
    ['@scope/other/x', '@scope/other is not among the dependencies of store'],
    ['../../core/src/index.ts', 'reaches into another package'],
    ['../test/x.ts', 'leaves src'],
  ])('refuse %s in the source of store: %s', (specifier, problem) => {
    expect(problems(`import { x } from '${specifier}';`)).toEqual([`${specifier}: ${problem}`]);
  });

  it('refuse node modules in core, but not in its tests', () => {
    const core = { ...store, name: 'core' };
    const text = "import 'node:fs';";
    expect(problems(text, 'packages/core/src/a.ts', core)).toEqual(['node:fs: core does no I/O']);
    expect(problems(text, 'packages/core/src/a.test.ts', core)).toEqual([]);
  });

  it('let tests import testing, but no package deeply', () => {
    const path = 'packages/store/test/a.integration.test.ts';
    expect(problems("import '@joinery/testing';", path)).toEqual([]);
    expect(problems("import '@joinery/testing/src/x.ts';", path)).toHaveLength(1);
  });

  it('refuse declarations against the levels, unknown packages and deep exports', () => {
    const wrong = {
      ...store,
      dependencies: ['@joinery/engine', '@joinery/testing'],
      exports: ['.', './deep'],
    };
    expect(declarationProblems(wrong)).toEqual([
      'store may not depend on engine',
      'store may not depend on testing',
      'store depends on testing at run time',
      'store exports deep paths',
    ]);
    expect(declarationProblems({ ...store, name: 'misc' })).toEqual([
      'misc has no level in the table',
    ]);
  });

  it.each([
    ['packages/kit/src/long.ts', '\n'.repeat(401), 'more than 400 lines'],
    ['packages/kit/src/utils.ts', '', 'a name that says nothing about what it holds'],
    ['packages/kit/src/redis-helper.ts', '', 'a name that says nothing about what it holds'],
    ['packages/kit/src/a.ts', 'export default 1;', 'a default export'],
    ['packages/store/lua/a.lua', '-- TO\u0044O later', 'a note about unfinished work'],
    ['packages/kit/src/a.test.ts', "it.sk\u0069p('x')", 'a test switched off, or all others'],
    ['packages/kit/src/a.ts', 'process.env.X', 'reads process.env; only the configuration may'],
    [
      'packages/cli/src/a.ts',
      "import { env } from 'node:process'",
      'reads process.env; only the configuration may',
    ],
  ])('refuse the shape of %s', (path, text, problem) => {
    expect(shapeProblems({ path, text })).toEqual([`${path}: ${problem}`]);
  });

  it('tell paths of a machine from other paths', () => {
    const slash = '/';
    for (const place of ['home', 'Users', 'root', 'work']) {
      expect(at(`see ${slash}${place}/someone/x`)).toBe(1);
    }
    expect(at(['"resolved"', '"https://x/y.tgz"'].join(': '))).toBe(1);
    expect(at('packages/work/x src/home/y https://example.org/root/z /tmp/x')).toBe(0);
  });

  it.each([
    ['config.lock.driver', []],
    ['const { nodes, driver, force } = config.lock;', []],
    ['{ lock: config.lock }; take(lock, { driver })', []],
    ['const { nodes } = config.lock; openLock({ driver })', ['lock.driver']],
    ['const { driver } = config.lockNode;', ['lock.driver']],
  ])('find the settings that are not read by %s', (text, unread) => {
    const place = { section: 'lock', name: 'driver' };
    expect(unreadSettings([place], [{ path: 'packages/engine/src/a.ts', text }])).toEqual(unread);
    expect(unreadSettings([place], [{ path: 'packages/kit/src/a.ts', text }])).toHaveLength(1);
  });

  it('find exports without a doc comment', () => {
    const index = {
      path: 'packages/kit/src/index.ts',
      text: "export { a, type B } from './a.ts';\nexport { c } from './c.ts';",
    };
    const files = [
      {
        path: 'packages/kit/src/a.ts',
        text: '/** Why. */\nexport const a = 1;\n/** B. */\nexport interface B {}',
      },
      { path: 'packages/kit/src/c.ts', text: '// no\nexport function c() {}' },
    ];
    expect(undocumentedExports(index, files)).toEqual(['packages/kit/src/c.ts: c']);
  });
});

import type { ScriptLanguage } from '@joinery/core';

/** A script that means harm, and what it may yield at most. */
export interface HostileScript {
  readonly script: string;
  readonly language?: ScriptLanguage;
  /** Undefined: it fails. */
  readonly yields?: unknown;
}

const fails = (...scripts: readonly string[]): readonly HostileScript[] =>
  scripts.map((script) => ({ script }));
const failsInJq = (...scripts: readonly string[]): readonly HostileScript[] =>
  scripts.map((script) => ({ script, language: 'jq' }));

/** What a host has and a sandbox has not. */
const HOST = [
  'process',
  'require',
  'module',
  'Buffer',
  'fetch',
  'WebAssembly',
  'Worker',
  'setTimeout',
  'console',
  'performance',
  'global',
  'globalThis.process',
];
const nothing = HOST.map(() => 'undefined');
const probe = (way: string): string =>
  `(() => { const F = ${way}; return ${JSON.stringify(HOST)}.map((name) => F('return typeof ' + name)()); })()`;

/** S1, S2: ways to a constructor of functions, and what can be reached through it. */
const escapes: readonly HostileScript[] = [
  'Function',
  'this.constructor.constructor',
  'globalThis.constructor.constructor',
  '(() => 1).constructor',
  '[].constructor.constructor',
  '[].map.constructor',
  "''.constructor.constructor",
  '(1).constructor.constructor',
  '/x/.constructor.constructor',
  'Symbol().constructor.constructor',
  '$.constructor.constructor',
  '$.list.constructor.constructor',
  '$.list.map.constructor',
  '$.__proto__.toString.constructor',
  'JSON.parse.constructor',
  'Object.getPrototypeOf(() => 1).constructor',
  'Object.getOwnPropertyDescriptor(Object.prototype, "__proto__").get.constructor',
  'new Proxy(Function, {})',
  'new Proxy(() => 1, {}).constructor',
  'Reflect.get(() => 1, "constructor")',
  'Array.prototype.concat.constructor',
  'Error.constructor',
  '(() => { try { null.x } catch (error) { return error.constructor.constructor } })()',
  '(() => { try { undefined() } catch (error) { return error.constructor.constructor } })()',
  '(() => { const f = () => f(); try { f() } catch (error) { return error.constructor.constructor } })()',
  '((...args) => Reflect.construct(Function, args))',
  '((code) => eval(`(function () { ${code} })`))',
  '((code) => (0, eval)(`(function () { ${code} })`))',
  '((code) => Function.apply(null, [code]))',
  '((code) => Function.prototype.constructor.call(null, code))',
  'new (class extends Function {})("return Function")()',
  'Promise.resolve.constructor',
  'Date.now.constructor',
  'Map.prototype.get.constructor',
  'Uint8Array.from.constructor',
  'Set.prototype.add.constructor',
  'WeakMap.prototype.get.constructor',
  'RegExp.prototype.exec.constructor',
  'Number.prototype.toFixed.constructor',
  'Boolean.prototype.valueOf.constructor',
  'Symbol.prototype.toString.constructor',
  'BigInt.asIntN.constructor',
  'Math.max.constructor',
  'Reflect.apply.constructor',
  'Proxy.constructor',
  'DataView.prototype.getInt8.constructor',
  'ArrayBuffer.isView.constructor',
  '(class {}).constructor',
  '(class { static m() {} }).m.constructor',
  '({ m() {} }).m.constructor',
  '({ get g() { return () => 1 } }).g.constructor',
  'Object.getOwnPropertyDescriptors(Array.prototype).map.value.constructor',
  '[].values().next.constructor',
  'new Map().entries().next.constructor',
  '"x".matchAll(/x/g).next.constructor',
  '(() => {}).bind().constructor',
  'Function.prototype.bind.call(() => 1).constructor',
  'parseInt.constructor',
  'encodeURIComponent.constructor',
  'decodeURI.constructor',
  'Promise.prototype.then.constructor',
  '(function () { return this }).call(undefined).Function',
  'JSON.parse("{}").constructor.constructor',
  '$.list.__proto__.push.constructor',
  'RangeError.prototype.constructor.constructor',
  '(() => { try { BigInt(1.5) } catch (error) { return error.constructor.constructor } })()',
  '(() => { try { JSON.parse("{") } catch (error) { return error.constructor.constructor } })()',
  '(() => { try { decodeURI("%") } catch (error) { return error.constructor.constructor } })()',
  'Object.getPrototypeOf(Int8Array).from.constructor',
].map((way) => ({ script: probe(way), yields: nothing }));

const moreEscapes: readonly HostileScript[] = [
  { script: 'Function`return typeof process```', yields: 'undefined' },
  { script: '`${this.constructor.constructor("return typeof process")()}`', yields: 'undefined' },
  {
    script:
      'Error.prepareStackTrace = (_, frames) => frames.map((f) => typeof f.getThis()); String(new Error().stack).includes("node")',
    yields: false,
  },
  { script: 'Object.keys(globalThis)', yields: ['$'] },
  { script: 'typeof (async () => {}).constructor("return process")().then', yields: 'function' },
  {
    script: '(function* () {}).constructor("yield typeof process")().next().value',
    yields: 'undefined',
  },
  { script: 'import("node:fs")', yields: {} },
  {
    script: 'typeof std + typeof os + typeof bjson + typeof scriptArgs + typeof print',
    yields: 'undefined'.repeat(5),
  },
  { script: '(function () { return typeof arguments.callee.caller })()', yields: 'undefined' },
  ...fails(
    'import fs from "node:fs"; 1',
    'export default 1',
    'require("fs")',
    'process.exit(1)',
    'this.constructor.constructor("return process")().exit()',
    'import.meta.url',
    'with (globalThis) { process }',
    'await 1',
    'new Worker("x")',
    'std.exit(1)',
    'os.exec(["ls"])',
    'throw globalThis',
    'throw { get message() { throw 1 } }',
    'throw { toString() { return process } }',
    'throw Symbol("x")',
    'throw new Proxy({}, { get() { throw new Error("trap") }, has() { throw 1 } })',
  ),
];

/** S3: what never ends. */
const loops = fails(
  'while (true);',
  'for (;;) {}',
  'do {} while (1)',
  'let n = 0; while (n >= 0) n = n + 1 - 1',
  '({ get x() { while (1); } }).x',
  'new Proxy({}, { get() { for (;;); } }).x',
  '({ toJSON() { while (1); } })',
  '({ get x() { while (1); } })',
  'throw { get message() { while (1); } }',
  'throw { toString() { while (1); } }',
  '[1, 2].sort(() => { while (1); })',
  '"a".replace(/a/, () => { while (1); })',
  '[...{ *[Symbol.iterator]() { while (1) yield 1; } }].length',
  'Array.from({ length: 1, get 0() { while (1); } })',
  'JSON.parse("[1]", () => { while (1); })',
  'JSON.stringify([1], () => { while (1); })',
  '/^(a+)+$/.test("a".repeat(50) + "b")',
  '/^(a|a)*$/.test("a".repeat(50) + "b")',
  '/(x+x+)+y/.test("x".repeat(50))',
  '/^(([a-z])+.)+[A-Z]([a-z])+$/.test("a".repeat(60))',
  'try { while (1); } catch (e) { while (1); } finally { while (1); }',
  'for (const x of (function* () { while (1) { try { yield 1 } finally { } } })()) {}',
  'class A { static { while (1); } }',
  'const f = () => { try { f() } catch { f() } }; while (1) f()',
  'eval("while (1);")',
  'Function("while (1);")()',
  'Object.defineProperty(Object.prototype, "toJSON", { get() { while (1); } }); ({})',
  'let a = []; a.length = 4e9; a.indexOf(1); while (1);',
);

/** S4: what fills memory or stack. */
const bombs = fails(
  'let s = "x"; while (true) s += s',
  '"x".repeat(2 ** 30)',
  '"x".padEnd(2 ** 30, "ab")',
  'const all = []; while (true) all.push(new Array(1000).fill(1))',
  'const all = []; while (true) all.push({ a: { b: {} } })',
  'new Array(2 ** 29).fill(0)',
  'new Uint8Array(2 ** 31)',
  'new ArrayBuffer(2 ** 34)',
  'const all = []; for (;;) all.push(new Uint8Array(2 ** 20))',
  'Array.from({ length: 2 ** 28 }, (_, i) => [i]).length',
  'let a = [1]; while (true) a = a.concat(a)',
  'const m = new Map(); for (let i = 0; ; i++) m.set(i, "x".repeat(100))',
  'let o = {}; for (;;) o = { o, p: new Array(100) }',
  '(function f() { f() })()',
  'const f = () => [f()]; f()',
  'let g = { toString() { return `${g}` } }; `${g}`',
  'let a = []; for (let i = 0; i < 1e6; i++) a = [a]; JSON.stringify(a)',
  'eval("[".repeat(1e5))',
  'new RegExp("(".repeat(1e5) + ")".repeat(1e5))',
  'JSON.parse("[".repeat(1e6))',
  'BigInt(2) ** BigInt(2 ** 31)',
  'let b = 3n; while (true) b = b * b',
  'Symbol("x".repeat(2 ** 30))',
  '[].concat(...new Array(1e6).fill([1]))',
  '(function () { return (function f(n) { return n ? f(n - 1) + 1 : 0 })(1e7) })()',
);

/** S5: what yields too much, or what is no JSON. */
const outputs = fails(
  '"x".repeat(1e6)',
  'new Array(1e5).fill("xxxxxxxxxx")',
  'Object.fromEntries(Array.from({ length: 1e5 }, (_, i) => ["k" + i, i]))',
  'const a = {}; a.a = a; a',
  '1n',
  '({ toJSON() { return 1n } })',
  '({ toJSON() { throw new Error("no") } })',
  '[new Array(1e5)]',
);

/** S6: what changes its own world only. Each is followed by a look at a fresh one. */
const pollutions: readonly HostileScript[] = [
  { script: 'Object.prototype.polluted = 1; 1', yields: 1 },
  { script: '$.__proto__.polluted = 1; 1', yields: 1 },
  { script: 'Array.prototype.map = () => "stolen"; 1', yields: 1 },
  { script: 'JSON.stringify = () => "\\"stolen\\""; JSON.parse = () => 7; 1', yields: 1 },
  {
    script: 'String.prototype.slice = () => "stolen"; Function.prototype.call = () => 1; 1',
    yields: 1,
  },
  { script: 'globalThis.$ = 7; globalThis.polluted = 1; 1', yields: 1 },
  { script: 'Object.freeze(Object.prototype); Object.freeze(globalThis); 1', yields: 1 },
  { script: 'Object.defineProperty(Object.prototype, "value", { get: () => 9 }); 1', yields: 1 },
  { script: 'delete globalThis.JSON; delete globalThis.Object; 1', yields: 1 },
  { script: 'JSON.parse(\'{"__proto__":{"polluted":1}}\'); ({}).polluted', yields: null },
  { script: 'Object.prototype.toJSON = () => "stolen"; ({})', yields: 'stolen' },
];

/** The same in jq. */
const filters: readonly HostileScript[] = [
  ...failsInJq(
    'def f: f; f',
    'def f: [f]; f',
    'def f: f | f; f',
    'last(range(1e15))',
    '[range(1e9)]',
    '[recurse(. + [.])]',
    '"x" * 1e9',
    'reduce range(1e9) as $i ("x"; . + .)',
    '[limit(1e9; repeat("xxxxxxxx"))] | length',
    'until(false; .)',
    '"a" * 50 + "b" | test("^(a+)+$")',
    'include "/etc/passwd"; 1',
    'import "/etc/passwd" as $x; $x',
    'import "x" as $x {search: "/"}; $x',
    'input',
    'error(null)',
    'error({})',
    'halt_error',
    '"x" | ltrimstr(1) | tojson * 1e8',
    '"[" * 20000 | fromjson',
    '$__prog_args',
    '(',
    'setpath(["list", 1e9]; 1)',
    '[range(1e5)]',
  ),
  { language: 'jq', script: '$ENV.REDIS_URL, env.PATH == $ENV.PATH', yields: [null, true] },
  { language: 'jq', script: '$ENV | has("NODE_OPTIONS")', yields: [false] },
  { language: 'jq', script: '.__proto__, .constructor', yields: [null, null] },
  { language: 'jq', script: '{"__proto__": 1} | keys', yields: [['__proto__']] },
  { language: 'jq', script: 'halt', yields: [] },
  { language: 'jq', script: 'inputs', yields: [] },
  { language: 'jq', script: 'getpath(["list", 1e9, "x"])', yields: [null] },
  { language: 'jq', script: '"a\\u0000b" | length', yields: [3] },
];

/** Every hostile script, by what it is after. */
export const hostileScripts: Readonly<Record<string, readonly HostileScript[]>> = {
  escapes: [...escapes, ...moreEscapes],
  loops,
  bombs,
  outputs,
  pollutions,
  filters,
};

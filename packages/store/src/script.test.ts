import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { defineScript, scriptSha1, taggedReply, withFragments } from './script.ts';

const reply = taggedReply({ claimed: { attempt: z.int(), owner: z.string() }, gone: {} });

describe('a tagged reply', () => {
  it('becomes the member of the union that its tag names', () => {
    expect(reply.parse(['claimed', 2, 'w1'])).toEqual({
      type: 'claimed',
      attempt: 2,
      owner: 'w1',
    });
    expect(reply.parse(['gone'])).toEqual({ type: 'gone' });
    expectTypeOf<z.output<typeof reply>>().branded.toEqualTypeOf<
      | { readonly type: 'claimed'; readonly attempt: number; readonly owner: string }
      | { readonly type: 'gone' }
    >();
  });
  it.each([
    ['a tag that is not declared', ['lost']],
    ['a field too few', ['claimed', 2]],
    ['a field too many', ['gone', 1]],
    ['a field of another type', ['claimed', 'two', 'w1']],
    ['no array', 'OK'],
    ['nothing', null],
  ])('is refused with %s', (_what, raw) => {
    expect(reply.safeParse(raw).success).toBe(false);
  });
});

const define = (name: string) =>
  defineScript({ name, keys: () => [], args: () => [], reply: z.unknown() });

describe('a script', () => {
  it('is the file of its name, known to Redis by the hash of its text', () => {
    const { lua, sha1 } = define('release-lock');
    expect(lua).toContain("redis.call('DEL', lockKey)");
    expect(sha1).toMatch(/^[0-9a-f]{40}$/);
    expect(sha1).not.toBe(define('extend-lock').sha1);
    expect(scriptSha1('release-lock')).toBe(sha1);
  });
  it('without a file cannot be defined', () => {
    expect(() => define('no-such-script')).toThrow(/ENOENT/);
  });
  it('has each fragment once, before those that include it too, and its header untouched', () => {
    const fragments: Record<string, string> = {
      due: '-- @include clock\nlocal due = now + 1\n',
      clock: 'local now = 1\n',
    };
    const lua = withFragments(
      '-- purpose\n-- @include due\n-- @include clock\nreturn due\n',
      (name) => fragments[name] ?? '',
    );
    expect(lua).toBe('-- purpose\nlocal now = 1\nlocal due = now + 1\n\nreturn due\n');
  });
});

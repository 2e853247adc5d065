import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { coalesceWrites } from './coalesce-writes.ts';

/** A stream that notes what leaves together. */
function recording(): { readonly stream: Writable; readonly sent: string[][] } {
  const sent: string[][] = [];
  const stream = new Writable({
    decodeStrings: false,
    write(chunk, _encoding, done) {
      sent.push([String(chunk)]);
      done();
    },
    writev(chunks, done) {
      sent.push(chunks.map(({ chunk }) => String(chunk)));
      done();
    },
  });
  return { stream, sent };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('writes of one turn', () => {
  it('leave together, those of its promises too, in their order', async () => {
    const { stream, sent } = recording();
    coalesceWrites(Object.assign(stream));
    stream.write('a');
    await Promise.resolve().then(() => stream.write('b'));
    expect(sent).toEqual([]);
    await turn();
    expect(sent).toEqual([['a', 'b']]);
  });
  it('do not wait for those of the next', async () => {
    const { stream, sent } = recording();
    coalesceWrites(Object.assign(stream));
    for (const text of ['a', 'b']) {
      stream.write(text);
      await turn();
    }
    expect(sent.flat()).toEqual(['a', 'b']);
    expect(sent).toHaveLength(2);
  });
});

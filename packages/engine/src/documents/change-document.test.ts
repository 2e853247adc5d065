import { createSeededEntropy } from '@joinery/kit';
import { createMemoryAgenda } from '@joinery/store';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { changeDocument, readDocument } from './change-document.ts';

const place = { id: 'count/a', schema: z.object({ n: z.number() }) };

function ports() {
  return {
    documents: createMemoryAgenda({ now: () => 0 }),
    entropy: createSeededEntropy(1),
  };
}

describe('a document', () => {
  it('is made, changed and removed, and each change is told what was there', async () => {
    const parts = ports();
    expect(await readDocument(parts, place)).toBeNull();
    expect(await changeDocument(parts, place, () => ({ n: 1 }))).toBeNull();
    expect(await changeDocument(parts, place, (body) => ({ n: (body?.n ?? 0) + 1 }))).toEqual({
      n: 1,
    });
    expect(await readDocument(parts, place)).toEqual({ n: 2 });
    expect(await changeDocument(parts, place, () => null)).toEqual({ n: 2 });
    expect(await changeDocument(parts, place, () => null)).toBeNull();
    expect(await parts.documents.list('count')).toEqual([]);
  });

  it('loses no change of many that come at once', async () => {
    const parts = ports();
    const more = async () => changeDocument(parts, place, (body) => ({ n: (body?.n ?? 0) + 1 }));
    await Promise.all(Array.from({ length: 10 }, more));
    expect(await readDocument(parts, place)).toEqual({ n: 10 });
  });

  it('gives up after so many changes by others', async () => {
    const parts = ports();
    const busy = { ...parts, documents: { ...parts.documents, commit: async () => false } };
    await expect(changeDocument(busy, place, () => ({ n: 1 }))).rejects.toMatchObject({
      code: 'JN_DOCUMENT_BUSY',
    });
  });
});

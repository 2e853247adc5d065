import { describe, expect, it } from 'vitest';
import { type Json, type JsonObject } from '@joinery/core';
import { createTestEngine, claimNext } from '../../test/fixtures/test-engine.ts';
import { registerDefinition, revealInput, startRun } from '../index.ts';

const reference = '${workflow.secrets.KEY}';
const secrets: Readonly<Record<string, string>> = {
  KEY: 'hunter2',
  DB: '{"host":"db","port":5432}',
};

async function claimWith(
  inputParameters: JsonObject,
  input: JsonObject = {},
  inputTemplate: JsonObject = {},
) {
  const test = createTestEngine({ secrets: (name) => secrets[name] });
  await registerDefinition(test.engine, {
    name: 'w',
    schemaVersion: 2,
    tasks: [
      {
        name: 'a',
        taskReferenceName: 'a',
        type: 'SIMPLE',
        inputParameters,
        taskDefinition: { name: 'a', inputTemplate },
      },
    ],
  });
  const { runId } = await startRun(test.engine, { name: 'w', input });
  const claimed = await claimNext(test, 'a');
  return { test, runId, claimed, reveal: (): Promise<Json> => revealInput(test.engine, claimed) };
}

describe('the input that a worker gets', () => {
  it('has the secrets that the definition names; the stored one has the references', async () => {
    const { claimed, reveal, test, runId } = await claimWith({
      key: reference,
      header: `Bearer ${reference}`,
      list: ['${workflow.secrets.DB.host}', { port: '${workflow.secrets.DB.port}' }],
      n: 1,
    });
    expect(claimed.input).toMatchObject({ key: reference, header: `Bearer ${reference}` });
    await expect(reveal()).resolves.toEqual({
      key: 'hunter2',
      header: 'Bearer hunter2',
      list: ['db', { port: 5432 }],
      n: 1,
    });
    const stored = JSON.stringify(await test.store.readWhole(runId), mapsAsLists);
    expect(stored).not.toContain('hunter2');
    expect(JSON.stringify(test.logger.lines)).not.toContain('hunter2');
  });

  it('has no secret where only data says so', async () => {
    const { reveal } = await claimWith(
      {
        text: '${workflow.input.text}',
        all: '${workflow.input}',
        mixed: 'x ${workflow.input.text}',
      },
      { text: reference },
    );
    await expect(reveal()).resolves.toEqual({
      text: reference,
      all: { text: reference },
      mixed: `x ${reference}`,
    });
  });

  it('has the secret of the task definition where its own parameter is null, and only there', async () => {
    const { reveal } = await claimWith(
      { none: '${workflow.input.none}', mine: '${workflow.input.mine}' },
      { mine: 'data' },
      { none: reference, mine: reference, absent: reference },
    );
    await expect(reveal()).resolves.toEqual({ none: 'hunter2', mine: 'data', absent: 'hunter2' });
  });

  it('is refused when the secret is not there', async () => {
    const { reveal } = await claimWith({ key: '${workflow.secrets.NOPE}' });
    await expect(reveal()).rejects.toMatchObject({ code: 'JN_SECRET_MISSING' });
  });
});

function mapsAsLists(_: string, value: unknown): unknown {
  return value instanceof Map ? [...value] : value;
}

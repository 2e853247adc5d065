import { describe, expect, it } from 'vitest';
import { EvaluationGate } from './evaluation-gate.ts';

/** Work at a gate whose beginnings and ends are noted, and which ends when it is told to. */
function worksAt(gate: EvaluationGate) {
  const log: string[] = [];
  const ends = new Map<string, () => void>();
  const begin = (name: string, how: 'alone' | 'beside'): Promise<void> =>
    gate[how](async () => {
      log.push(name);
      await new Promise<void>((resolve) => ends.set(name, resolve));
      log.push(`/${name}`);
    });
  const end = async (name: string): Promise<void> => {
    ends.get(name)?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { log, begin, end };
}

const dies = async (): Promise<never> => Promise.reject(new Error('it threw'));

describe('the gate of evaluations', () => {
  it('lets everybody go beside each other', async () => {
    const { log, begin, end } = worksAt(new EvaluationGate());
    const both = [begin('a', 'beside'), begin('b', 'beside')];
    expect(log).toEqual(['a', 'b']);
    await end('a');
    await end('b');
    await Promise.all(both);
  });

  it('lets a suspect go when all are out, and newcomers after it', async () => {
    const { log, begin, end } = worksAt(new EvaluationGate());
    const all = [begin('a', 'beside'), begin('b', 'beside'), begin('S', 'alone')];
    all.push(begin('c', 'beside'), begin('T', 'alone'));
    await end('a');
    expect(log).toEqual(['a', 'b', '/a']);
    await end('b');
    expect(log.slice(3)).toEqual(['/b', 'S']);
    await end('S');
    expect(log.slice(5)).toEqual(['/S', 'T']);
    await end('T');
    expect(log.slice(7)).toEqual(['/T', 'c']);
    await end('c');
    await Promise.all(all);
  });

  it('is left by whoever throws', async () => {
    const gate = new EvaluationGate();
    await expect(gate.beside(dies)).rejects.toThrow('it threw');
    await expect(gate.alone(dies)).rejects.toThrow('it threw');
    expect(await gate.alone(async () => 1)).toBe(1);
    expect(await gate.beside(async () => 2)).toBe(2);
  });
});

import { expect, test } from 'vitest';
import { eventually } from './eventually.ts';

test('eventually gives the first answer that neither throws nor is false', async () => {
  let calls = 0;
  const look = (): number | false => {
    calls += 1;
    if (calls === 1) return false;
    if (calls === 2) throw new Error('later');
    return 7;
  };
  expect(await eventually(look)).toBe(7);
});

test('eventually fails with the last reason and keeps it as the cause', async () => {
  const reason = new Error('still three');
  const failing = eventually(() => Promise.reject(reason), { withinMs: 30 });
  await expect(failing).rejects.toThrow(/not within 30 ms \(\d+ checks\): still three/u);
  await expect(failing).rejects.toHaveProperty('cause', reason);
});

test('a check that hangs does not hang eventually', async () => {
  const hanging = eventually(() => new Promise<never>(() => undefined), { withinMs: 30 });
  await expect(hanging).rejects.toThrow('the check did not return');
});

import { describe, expect, test } from 'vitest';
import { type Agenda } from '@joinery/store';

/** An agenda that is empty at the beginning of a test, and its clock. */
export interface AgendaUnderTest {
  readonly agenda: Agenda;
  readonly clock: { now: number };
}

/** What every implementation of the agenda does. */
export function describeAgenda(name: string, make: () => Promise<AgendaUnderTest>): void {
  const first = { id: 'schedule/a', from: null, revision: 'r1', body: { n: 1 }, dueAt: null };

  describe(`the agenda in ${name}`, () => {
    test('an entry is what was committed last', async () => {
      const { agenda } = await make();
      expect(await agenda.find(first.id)).toBeNull();
      expect(await agenda.commit(first)).toBe(true);
      expect(await agenda.find(first.id)).toEqual({
        id: first.id,
        revision: 'r1',
        body: { n: 1 },
        dueAt: null,
      });
      expect(
        await agenda.commit({ ...first, from: 'r1', revision: 'r2', body: [2], dueAt: 5 }),
      ).toBe(true);
      expect(await agenda.find(first.id)).toMatchObject({ revision: 'r2', body: [2], dueAt: 5 });
    });

    test('a commit that has not read the present state changes nothing', async () => {
      const { agenda, clock } = await make();
      await agenda.commit(first);
      const late = { ...first, revision: 'r9', body: 'late', dueAt: 1, log: ['late'] };
      for (const from of [null, 'r0', 'r']) {
        expect(await agenda.commit({ ...late, from })).toBe(false);
      }
      expect(await agenda.commit({ ...late, id: 'schedule/b', from: 'r1' })).toBe(false);
      expect((await agenda.find(first.id))?.revision).toBe('r1');
      expect(await agenda.log(first.id, 9)).toEqual([]);
      expect(await agenda.takeDue(9)).toEqual({ now: clock.now, entries: [] });
    });

    test('a commit that is repeated says so, and is written once', async () => {
      const { agenda } = await make();
      const change = { ...first, log: [{ x: 1 }] };
      expect([await agenda.commit(change), await agenda.commit(change)]).toEqual([true, true]);
      expect(await agenda.log(first.id, 9)).toEqual([{ x: 1 }]);
    });

    test('an entry goes with its log and its next look, and may come back', async () => {
      const { agenda } = await make();
      await agenda.commit({ ...first, dueAt: 1, log: [1] });
      const removal = { ...first, from: 'r1', revision: 'r2', body: null };
      expect(await agenda.commit({ ...removal, from: 'r0' })).toBe(false);
      expect([await agenda.commit(removal), await agenda.commit(removal)]).toEqual([true, true]);
      expect([await agenda.find(first.id), await agenda.log(first.id, 9)]).toEqual([null, []]);
      expect((await agenda.takeDue(9)).entries).toEqual([]);
      expect(await agenda.commit({ ...first, revision: 'r3' })).toBe(true);
    });

    test('what is due is taken in order, and comes again after 5 s', async () => {
      const { agenda, clock } = await make();
      const put = (id: string, dueAt: number | null) =>
        agenda.commit({ ...first, id, revision: id, dueAt });
      await put('b', clock.now);
      await put('a', clock.now - 10);
      await put('c', clock.now + 1);
      await put('d', null);
      const take = async (limit: number) =>
        (await agenda.takeDue(limit)).entries.map(({ id }) => id);
      expect(await take(1)).toEqual(['a']);
      expect(await agenda.takeDue(9)).toMatchObject({
        now: clock.now,
        entries: [{ id: 'b', revision: 'b', body: { n: 1 }, dueAt: clock.now }],
      });
      expect(await take(9)).toEqual([]);
      clock.now += 4_999;
      expect(await take(9)).toEqual(['c']);
      clock.now += 1;
      expect(await take(9)).toEqual(['a', 'b']);
      await agenda.commit({ ...first, id: 'a', from: 'a', revision: 'z', dueAt: null });
      clock.now += 60_000;
      expect(await take(9)).toEqual(['c', 'b']);
      expect(await agenda.now()).toBe(clock.now);
    });

    test('entries are listed by kind and name', async () => {
      const { agenda } = await make();
      for (const id of ['schedule/b', 'backfill/a', 'schedule/a', 'scheduler/x']) {
        await agenda.commit({ ...first, id, revision: id });
      }
      const ids = async (kind: string) => (await agenda.list(kind)).map(({ id }) => id);
      expect(await ids('schedule')).toEqual(['schedule/a', 'schedule/b']);
      expect(await ids('backfill')).toEqual(['backfill/a']);
      expect(await ids('none')).toEqual([]);
      expect(await ids('')).toHaveLength(4);
    });

    test('a log keeps its newest 200 lines', async () => {
      const { agenda } = await make();
      const lines = Array.from({ length: 150 }, (_none, index) => index);
      await agenda.commit({ ...first, log: lines });
      await agenda.commit({ ...first, from: 'r1', revision: 'r2', log: ['x', 'y', ...lines] });
      expect(await agenda.log(first.id, 2)).toEqual([149, 148]);
      const all = await agenda.log(first.id, 999);
      expect([all.length, all[149], all[150], all[151], all[152], all[199]]).toEqual([
        200,
        0,
        'y',
        'x',
        149,
        102,
      ]);
    });
  });
}

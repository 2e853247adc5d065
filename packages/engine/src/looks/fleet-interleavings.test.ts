import { createManualTime, createRecordingLogger } from '@joinery/kit';
import { createMemoryFleet, type Fleet, isEngineMember } from '@joinery/store';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createFleetBeat } from './fleet-beat.ts';

const place = { host: 'h', pid: 1, startedAt: 0, taskTypes: [], inflight: 0 };

/** What of a fleet can never be: it is suspended although an engine lives, or it is not although none is left. */
async function wrongOf(fleet: Fleet): Promise<string | null> {
  const { mode, at } = await fleet.state();
  const engines = (await fleet.live()).filter((member) => isEngineMember(member));
  if (mode !== 'ACTIVE' && engines.length > 0) return `${mode} beside ${engines.length} engines`;
  // Before the first engine it is active, and nobody is there.
  return mode === 'ACTIVE' && engines.length === 0 && at > 0 ? 'ACTIVE without an engine' : null;
}

it('A-T5 never is suspended while an engine lives, in 1,000 interleavings of starts and stops', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.constantFrom('worker', 'sweeper', 'server'), { minLength: 2, maxLength: 6 }),
      async (scheduler, roles) => {
        const timers = createManualTime();
        const inner = createMemoryFleet({ now: () => timers.now() });
        const logger = createRecordingLogger();
        const wrongs: string[] = [];
        /** One call reaches the fleet; what it is then is looked at before the next one does. */
        const arriving = async <T>(what: string, call: () => Promise<T>): Promise<T> => {
          await scheduler.schedule(Promise.resolve(), what);
          const reply = await call();
          const wrong = await wrongOf(inner);
          if (wrong !== null) wrongs.push(wrong);
          return reply;
        };
        const fleet: Pick<Fleet, 'beat' | 'leave'> = {
          beat: (member) => arriving(`beat ${member.id}`, () => inner.beat(member)),
          leave: (id, mode) => arriving(`leave ${id}`, () => inner.leave(id, mode)),
        };
        const lives = roles.map(async (role, index) => {
          const member = { id: `p${index}`, roles: [role], ...place };
          const beat = createFleetBeat({ fleet, member: () => member, logger, timers });
          await beat.start(new AbortController().signal);
          await beat.drain();
          await beat.stop();
        });
        await scheduler.waitFor(Promise.all(lives));
        expect(wrongs).toEqual([]);
        const suspended = logger.lines.filter(({ event }) => event === 'fleet.suspended');
        const { mode, generation } = await inner.state();
        const hadEngine = roles.some((role) => role !== 'server');
        expect([mode, generation > 0]).toEqual([hadEngine ? 'QUIESCED' : 'ACTIVE', hadEngine]);
        // Each end of the fleet is told by exactly one process.
        expect(suspended.map((line) => line['generation'])).toEqual(
          Array.from({ length: generation }, (_none, index) => index + 1),
        );
      },
    ),
    { numRuns: 1_000 },
  );
});

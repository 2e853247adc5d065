/** Entry of the processes of a measurement: opens what its argument says, answers requests, ends when asked to. */
import { type LoadDriver } from './load-driver.ts';
import { openDriver, openService } from './open-subject.ts';
import {
  type ProcessRequest,
  processSpec,
  type ProcessUsage,
  requestMessage,
  type replyMessage,
} from './process-protocol.ts';
import { type z } from 'zod';

type Answer = (request: ProcessRequest) => Promise<unknown>;

const spec = processSpec.parse(JSON.parse(process.argv[2] ?? ''));
const answer = await open();

process.on('message', (message) => {
  const { id, request } = requestMessage.parse(message);
  void answer(request).then(
    (value) => reply({ id, value }),
    (error: unknown) => reply({ id, error: error instanceof Error ? error.stack : String(error) }),
  );
});
// Whoever has started this process is gone.
process.once('disconnect', () => process.exit(1));
reply({ id: 0 });

async function open(): Promise<Answer> {
  if (spec.roles === null) return answersOf(await openDriver(spec));
  const service = await openService(spec, spec.roles);
  return async ({ type }) => {
    if (type === 'close') return service.close();
    return type === 'facts' ? service.facts() : usage();
  };
}

function answersOf(driver: LoadDriver): Answer {
  return async (request) => {
    switch (request.type) {
      case 'startMany':
        return driver.startMany(request.count);
      case 'settled':
        return driver.settled();
      case 'closedLoop':
        return driver.closedLoop(request.forMs, request.inflight);
      case 'paced':
        return driver.paced(request.forMs, request.ratePerSecond);
      case 'startLoop':
        return driver.startLoop(request.forMs, request.inflight);
      case 'bulkLoop':
        return driver.bulkLoop(request.forMs, request.inflight, request.size);
      case 'oneByOne':
        return driver.oneByOne(request.count);
      case 'verify':
        return driver.verify();
      case 'usage':
        return usage();
      case 'facts':
        throw new Error('facts are asked of services');
      case 'close':
        return driver.close();
    }
  };
}

function usage(): ProcessUsage {
  const { user, system } = process.cpuUsage();
  return { cpuUs: user + system, rssBytes: process.memoryUsage.rss() };
}

function reply(message: z.infer<typeof replyMessage>): void {
  process.send?.(message);
}

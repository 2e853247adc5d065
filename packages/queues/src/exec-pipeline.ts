import { type ChainableCommander } from 'ioredis';

/** Sends a pipeline and answers the replies; the first error of any command is thrown. */
export async function execPipeline(pipeline: ChainableCommander): Promise<readonly unknown[]> {
  const results = (await pipeline.exec()) ?? [];
  return results.map(([error, reply]) => {
    if (error) throw error;
    return reply;
  });
}

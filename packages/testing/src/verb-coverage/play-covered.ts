/** Plays the seeds that its first argument names, and prints which code of this program they have executed, and which not. */
import { Session } from 'node:inspector/promises';
import { z } from 'zod';
import { FAMILIES } from '../simulator/definition-pool.ts';
import { drawScenario } from '../simulator/scenario.ts';
import { simulate } from '../simulator/simulate.ts';

const asked = z.partialRecord(z.enum(FAMILIES), z.number().int().min(1));
const seedsByFamily = asked.parse(JSON.parse(process.argv[2] ?? '{}'));

const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.startPreciseCoverage', { callCount: false, detailed: true });
const broken: string[] = [];
for (const family of FAMILIES) {
  for (let seed = 0; seed < (seedsByFamily[family] ?? 0); seed += 1) {
    const [violation] = (await simulate(drawScenario(seed, { family }))).violations;
    if (violation !== undefined) broken.push(`${family} ${seed}: ${violation.rule}`);
  }
}
const { result } = await session.post('Profiler.takePreciseCoverage');
const own = result.find(({ url }) => url === import.meta.url);
process.stdout.write(JSON.stringify({ broken, functions: own?.functions ?? [] }));

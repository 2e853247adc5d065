import { type SeededBug } from '../seeded-bugs/seeded-bug.ts';
import { type Scenario } from './scenario.ts';
import { shrinkScenario } from './shrink-scenario.ts';
import { simulate, type Simulated } from './simulate.ts';

/** A failing scenario, made as small as it goes, with its trace. */
export interface Failure {
  readonly scenario: Scenario;
  readonly simulated: Simulated;
  /** Simulations that making it smaller took. */
  readonly tries: number;
}

/** Makes a scenario that breaks a rule smaller while it breaks the same rule. */
export async function shrinkFailure(
  scenario: Scenario,
  { rule, bug = null }: { readonly rule: string; readonly bug?: SeededBug | null },
): Promise<Failure> {
  const stillFails = async (candidate: Scenario): Promise<boolean> => {
    const { violations } = await simulate(candidate, { bug });
    return violations[0]?.rule === rule;
  };
  const shrunk = await shrinkScenario(scenario, stillFails);
  const simulated = await simulate(shrunk.scenario, { bug, isTraced: true });
  return { ...shrunk, simulated };
}

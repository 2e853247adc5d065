import { type EnginePorts } from '@joinery/engine';
import { type ScenarioOptions } from '../simulator/scenario.ts';
import { type RunSnapshot } from '@joinery/store';
import { type RunId } from '@joinery/core';

/** What a bug may look at, as if it were written inside of the store. */
export interface BugView {
  peek(runId: RunId): RunSnapshot | null;
}

/** A mistake that the engine could contain. Those who judge the engine are judged by whether they find it. */
export interface SeededBug {
  readonly name: string;
  /** What is wrong, in a sentence. */
  readonly what: string;
  /** The ports as a process with this mistake has them. */
  readonly spoil: (ports: EnginePorts, view: BugView) => EnginePorts;
  /** Where it shows soonest. Default: anywhere. */
  readonly drawn?: ScenarioOptions;
  /** It shows even when nothing else goes wrong. */
  readonly showsWhenHealthy: boolean;
}

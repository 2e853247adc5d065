import { type RunId, type RunState } from '@joinery/core';
import { type RunSnapshot } from '@joinery/store';
import { parsedChildren } from '../definitions/child-definitions.ts';
import { type OutcomeScript } from '../definitions/outcome-script.ts';
import { childAddress } from '../reference-model.ts';
import { type RunCase } from './invariants/run-end.ts';
import { isHealthy, isPredictable, isReopening, type Scenario } from './scenario.ts';

/** What a child is told that ends because its parent has ended. */
const ABANDONED = 'Parent workflow has been terminated';

/** What each run of a simulation was started with, and how its workers behave: children by whose children they are. */
export class RunCases {
  readonly #scenario: Scenario;
  readonly #script: OutcomeScript;
  readonly #peek: (runId: RunId) => RunSnapshot | null;
  readonly #addresses = new Map<RunId, string>();
  readonly #scripts = new Map<string, OutcomeScript>();

  constructor(options: {
    readonly scenario: Scenario;
    readonly script: OutcomeScript;
    readonly peek: (runId: RunId) => RunSnapshot | null;
  }) {
    this.#scenario = options.scenario;
    this.#script = options.script;
    this.#peek = options.peek;
  }

  /** How the workers of a run behave, by the keys of their tasks. */
  scriptOf(runId: RunId): OutcomeScript {
    const address = this.#addressOf(runId);
    const known = this.#scripts.get(address);
    if (known !== undefined) return known;
    const script: OutcomeScript =
      address === '' ? this.#script : (key, attempt) => this.#script(address + key, attempt);
    this.#scripts.set(address, script);
    return script;
  }

  /** What a run is to be held to at its end. */
  of({ record, tasks }: RunSnapshot): RunCase {
    const { definition: root, operations } = this.#scenario;
    const isReopened = operations.some(isReopening);
    const usual = this.scriptOf(record.id);
    // Where all attempts succeed, the last one counts, whichever it is.
    const script: OutcomeScript = isReopened
      ? (key) => usual(key, tasks[key]?.attempt ?? 1)
      : usual;
    const isKnown = isPredictable(this.#scenario, record) && !record.reason.startsWith(ABANDONED);
    const isWell = isHealthy(this.#scenario);
    const shared = { script, isPredictable: isKnown, isHealthy: isWell, isReopened };
    const child = parsedChildren.get(record.definition);
    if (child !== undefined) return { definition: child, input: {}, isRoot: false, ...shared };
    return { definition: root.parsed, input: root.input, isRoot: true, ...shared };
  }

  /** Kept for good: a parent may be gone before its child. */
  #addressOf(runId: RunId): string {
    const known = this.#addresses.get(runId);
    if (known !== undefined) return known;
    const record = this.#peek(runId)?.record;
    const address = record === undefined ? '?/' : this.#newAddress(record);
    this.#addresses.set(runId, address);
    return address;
  }

  #newAddress({ parent, definition }: RunState): string {
    if (parent !== null) {
      return this.#addressOf(parent.runId) + childAddress(parent.key, parent.attempt);
    }
    return parsedChildren.has(definition) ? `${definition}/` : '';
  }
}

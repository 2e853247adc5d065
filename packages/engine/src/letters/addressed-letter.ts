import {
  type Command,
  type DispatchLetter,
  type Letter,
  type RunId,
  type RunLetter,
} from '@joinery/core';

/** A letter with the facts of its run that its job carries. */
export interface AddressedLetter<Kind extends Letter = Letter> {
  readonly runId: RunId;
  readonly definition: string;
  /** Empty when unknown: tracing then goes by the claim. */
  readonly traceId: string;
  readonly letter: Kind;
}

/** The letters among a decision's commands. */
export function lettersOf(
  run: { readonly id: RunId; readonly definition: string; readonly traceId: string },
  commands: readonly Command[],
): readonly AddressedLetter[] {
  return commands.flatMap((command) =>
    command.type === 'send'
      ? [
          {
            runId: run.id,
            definition: run.definition,
            traceId: run.traceId,
            letter: command.letter,
          },
        ]
      : [],
  );
}

/** True for a letter that becomes a job. */
export function isDispatch(
  addressed: AddressedLetter,
): addressed is AddressedLetter<DispatchLetter> {
  return addressed.letter.type === 'dispatch';
}

/** True for a letter to another run. */
export function isRunLetter(addressed: AddressedLetter): addressed is AddressedLetter<RunLetter> {
  return addressed.letter.type !== 'dispatch';
}

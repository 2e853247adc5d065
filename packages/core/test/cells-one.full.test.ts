import { OPERATORS } from './cells/aimed-definition.ts';
import { expectCells } from './cells/expect-cells.ts';

// Two files, so that two cores share the work. Each cell of operator, depth and operation is hit 50 times.
expectCells({ operators: OPERATORS.slice(0, 11), hitsEach: 50, seed: 71, pairs: 12_000 });

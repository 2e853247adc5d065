import { OPERATORS } from './cells/aimed-definition.ts';
import { expectCells } from './cells/expect-cells.ts';

// With the first file more than 20,000 pairs.
expectCells({ operators: OPERATORS.slice(11), hitsEach: 50, seed: 9973, pairs: 8_000 });

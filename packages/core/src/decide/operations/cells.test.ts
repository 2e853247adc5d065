import { OPERATORS } from '../../../test/cells/aimed-definition.ts';
import { expectCells } from '../../../test/cells/expect-cells.ts';

// A tenth of what the full tests play.
expectCells({ operators: OPERATORS, hitsEach: 5, seed: 3, pairs: 2_000 });

import { binaryText } from '../../../src/logical/types/binary/binaryText';
import { BUILTIN_TYPES } from '../../../src/logical/types/builtinTypes';
import { damaged, withNeighbours } from '../damage';
import type { FuzzTarget } from '../target';
import { expectThat } from '../target';

/** Values in binary form, of their type and of any other. */
export const valuesTarget: FuzzTarget = {
  name: 'values in binary form',
  weight: 30,
  run(random, { values, findType }) {
    const { oid, bytes } = random.of(values);
    const type = random.chance(4) ? random.of(OIDS) : oid;
    const [one, other] = withNeighbours(damaged(random, bytes));
    const text = binaryText(type, one, findType);
    expectThat(text === binaryText(type, other, findType), 'a value was read past its end');
    // A numeric of two digits may have 131,072 zeros between them, and there are arrays of them.
    const most = 150_000 * (one.length / 8 + 1);
    expectThat((text?.length ?? 0) <= most, `${text?.length} characters of ${one.length} bytes`);
  },
};

const OIDS = BUILTIN_TYPES.flatMap(line => [line.split(' ')[0], line.split(' ')[2]]).map(Number);

/** Places that one step looks at. */
const LANES = 16;

const localGet = (local: number): number[] => [0x20, local];
const localSet = (local: number): number[] => [0x21, local];
const localTee = (local: number): number[] => [0x22, local];
const i32Const = (value: number): number[] => [0x41, value & 0x7f];
const branch = (depth: number): number[] => [0x0c, depth];
const branchIf = (depth: number): number[] => [0x0d, depth];
const vector128 = (instruction: number): number[] => [0xfd, ...leb128(instruction)];

const VOID = 0x40;
const I32 = 0x7f;
const V128 = 0x7b;
const FUNCTION = 0x60;
const MEMORY = 0x02;
const BLOCK = [0x02, VOID];
const LOOP = [0x03, VOID];
const IF = [0x04, VOID];
const END = [0x0b];
const RETURN = [0x0f];
const I32_GE_U = [0x4f];
const I32_CTZ = [0x68];
const I32_ADD = [0x6a];
const V128_LOAD = [...vector128(0x00), 0, 0];
const V128_AND = vector128(0x4e);
const V128_OR = vector128(0x50);
const I8X16_SPLAT = vector128(0x0f);
const I8X16_EQ = vector128(0x23);
const I8X16_BITMASK = vector128(0x64);

/**
 * A WebAssembly module with one function on the memory `host.memory` that it is given:
 *
 *     find(at, end, first, firstCases, second, secondCases, distance)
 *
 * The first place from `at` on where `first` stands and, `distance` behind it, `second`; -1 where there is
 * none before `end`. The place may be up to 15 behind `end`. Before a byte is compared, the bits of
 * `firstCases` or `secondCases` are set in it. Layout and instructions: WebAssembly Core Specification,
 * chapter "Binary Format".
 */
export function findPairModule(): Uint8Array {
  const [at, end, first, firstCases, second, secondCases, distance] = [0, 1, 2, 3, 4, 5, 6];
  const [allFirst, allFirstCases, allSecond, allSecondCases, matches] = [7, 8, 9, 10, 11];
  const spread = (from: number, to: number): number[] => [
    ...[...localGet(from), ...I8X16_SPLAT, ...localSet(to)],
  ];
  const isEqual = (cases: number, bytes: number): number[] => [
    ...[...localGet(cases), ...V128_OR, ...localGet(bytes), ...I8X16_EQ],
  ];
  const code = [
    ...spread(first, allFirst),
    ...spread(firstCases, allFirstCases),
    ...spread(second, allSecond),
    ...spread(secondCases, allSecondCases),
    ...[...BLOCK, ...LOOP],
    ...[...localGet(at), ...localGet(end), ...I32_GE_U, ...branchIf(1)],
    ...[...localGet(at), ...V128_LOAD, ...isEqual(allFirstCases, allFirst)],
    ...[...localGet(at), ...localGet(distance), ...I32_ADD, ...V128_LOAD],
    ...[...isEqual(allSecondCases, allSecond), ...V128_AND, ...I8X16_BITMASK, ...localTee(matches)],
    ...[...IF, ...localGet(at), ...localGet(matches), ...I32_CTZ, ...I32_ADD, ...RETURN, ...END],
    ...[...localGet(at), ...i32Const(LANES), ...I32_ADD, ...localSet(at), ...branch(0)],
    ...[...END, ...END, ...i32Const(-1), ...END],
  ];
  const locals = list([
    [4, V128],
    [1, I32],
  ]);
  const parameters = list(Array.from({ length: 7 }, () => [I32]));
  return Uint8Array.from([
    ...[0x00, ...ascii('asm'), 0x01, 0x00, 0x00, 0x00],
    ...section(1, [[FUNCTION, ...parameters, ...list([[I32]])]]),
    ...section(2, [[...name('host'), ...name('memory'), MEMORY, 0x00, 1]]),
    ...section(3, [[0]]),
    ...section(7, [[...name('find'), 0x00, 0]]),
    ...section(10, [[...leb128(locals.length + code.length), ...locals, ...code]]),
  ]);
}

/** An unsigned number, seven bits a byte. */
function leb128(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb128(value >>> 7)];
}

function list(items: readonly (readonly number[])[]): number[] {
  return [...leb128(items.length), ...items.flat()];
}

function section(id: number, items: readonly (readonly number[])[]): number[] {
  const content = list(items);
  return [id, ...leb128(content.length), ...content];
}

function name(text: string): number[] {
  return [...leb128(text.length), ...ascii(text)];
}

function ascii(text: string): number[] {
  return Array.from(text, character => character.charCodeAt(0));
}

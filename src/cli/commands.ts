import type { Command } from './command';
import { convertCommand } from './convert';
import { decodeCommand } from './decodeCommand';
import { peekCommand } from './peek';
import { publicationsCommand } from './publications';
import { slotsCommand } from './slots';
import { tailCommand } from './tail';

/** In the order of the help. */
export const COMMANDS: readonly Command[] = [
  slotsCommand,
  publicationsCommand,
  tailCommand,
  peekCommand,
  decodeCommand,
  convertCommand,
];

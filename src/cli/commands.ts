import { checkCommand } from './check';
import type { Command } from './command';
import { convertCommand } from './convert';
import { decodeCommand } from './decodeCommand';
import { peekCommand } from './peek';
import { publicationsCommand } from './publications';
import { slotCommand } from './slotCommand';
import { slotsCommand } from './slots';
import { subscriptionsCommand } from './subscriptions';
import { tailCommand } from './tail';

/** In the order of the help. */
export const COMMANDS: readonly Command[] = [
  slotsCommand,
  publicationsCommand,
  subscriptionsCommand,
  checkCommand,
  slotCommand,
  tailCommand,
  peekCommand,
  decodeCommand,
  convertCommand,
];

import { readSubscriptions } from '../postgres/catalog/subscriptions';
import type { Command } from './command';
import { CONNECTION_OPTIONS } from './connectionOptions';
import { JSON_OPTION, printList } from './listCommand';

export const subscriptionsCommand: Command = {
  name: 'subscriptions',
  summary: 'List the subscriptions of a server.',
  usage: ['[OPTION]...'],
  positionals: [],
  description: [
    'Lists the subscriptions of all databases of the server, with what they receive. The publisher is shown to roles that may see it, never with a password. --json prints an array with an object a subscription: every column that the role may read but the connection, as text or null, and beside them database, owner, publisher, state, pid, received_lsn, last_msg_receipt_time and apply_error_count.',
  ],
  options: [...CONNECTION_OPTIONS, JSON_OPTION],
  run: (args, terminal) =>
    printList(args, terminal, {
      read: readSubscriptions,
      head: [
        'subscription',
        'database',
        'owner',
        'state',
        'publisher',
        'publications',
        'slot',
        'received',
        'errors',
      ],
      row: each => [
        each.name,
        each.database,
        each.owner,
        each.state,
        each.publisher ?? '',
        each.publications.join(', '),
        each.slot ?? '',
        each.receivedLsn ?? '',
        each.applyErrors === undefined ? '' : String(each.applyErrors),
      ],
      json: each => ({
        ...each.columns,
        subpublications: each.publications,
        database: each.database,
        owner: each.owner,
        publisher: each.publisher ?? null,
        state: each.state,
        pid: each.workerPid ?? null,
        received_lsn: each.receivedLsn ?? null,
        last_msg_receipt_time: each.lastMessageAt ?? null,
        apply_error_count: each.applyErrors ?? null,
      }),
    }),
};

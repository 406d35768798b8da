import type * as vscode from 'vscode';
import { slotNameProblem } from '../../postgres/changes/changeNames';
import type { ChangeFacts, PluginChoice } from '../../postgres/changes/changeFacts';
import { readChangeFacts } from '../../postgres/changes/changeFacts';
import type { CreateSlot } from '../../postgres/changes/serverChange';
import { statementsOf } from '../../postgres/changes/serverChange';
import type { Step } from '../multiStep';
import { askInSteps, askPick, askPicks, askText, BACK } from '../multiStep';
import { messageText } from '../messageText';
import { databaseSteps } from './askDatabase';
import type { ChangeParts } from './changeParts';
import type { ChangePlace } from './changePlace';
import { changePlaceOf, databaseOf } from './changePlace';
import { askConfirmation } from './confirmStep';
import { showSlot } from './showResult';
import { runOverridable } from './runOverridable';

interface Draft {
  readonly database: string;
  readonly slot: string;
  readonly plugin: string;
  readonly twoPhase: boolean;
  readonly failover: boolean;
}

const TITLE = 'Create Slot';
/** What a slot costs, said once. */
const COST = 'It keeps WAL until someone reads it or drops it.';

/** Asks for a new logical slot, makes it and shows it. Throws Cancelled. */
export async function createSlot(parts: ChangeParts, arg: unknown): Promise<string> {
  const place = await changePlaceOf(parts, arg, 'Create a slot on which server?', 'create-slot');
  const { server, where } = place;
  const facts = await parts.servers.use(server, undefined, readChangeFacts);
  const database = databaseOf(arg);
  const start: Draft = {
    database: database ?? '',
    slot: '',
    plugin: '',
    twoPhase: false,
    failover: false,
  };
  const steps: readonly Step<Draft>[] = [
    ...(await databaseSteps<Draft>(parts, server, database, 'A logical slot decodes one database')),
    askName(facts),
    askPlugin(facts),
    ...(facts.hasTwoPhase || facts.hasFailover ? [askOptions(facts)] : []),
    confirm(place),
  ];
  const draft = await askInSteps(`${TITLE} on ${where}`, start, steps);
  const change = changeOf(draft);
  await runOverridable(parts, {
    server,
    database: draft.database,
    change,
    title: `Creating the slot "${draft.slot}" on ${where}`,
    action: TITLE,
    withOverride: () => ({ ...change, override: true }),
  });
  await showSlot(parts, server, draft.slot);
  return draft.slot;
}

function changeOf({ slot, plugin, twoPhase, failover }: Draft): CreateSlot {
  return { kind: 'create-slot', type: 'logical', slot, plugin, twoPhase, failover };
}

function askName(facts: ChangeFacts): Step<Draft> {
  return async (draft, place) => {
    const slot = await askText({
      ...place,
      prompt: 'Name of the slot: lower-case letters, digits and underscores',
      placeholder: 'such as warehouse',
      value: draft.slot,
      validate: text => slotNameProblem(text) ?? takenProblem(text, facts.slotNames),
    });
    return slot === BACK ? BACK : { ...draft, slot };
  };
}

/** Slot names are unique in the whole cluster. */
export function takenProblem(name: string, taken: readonly string[]): string | undefined {
  return taken.includes(name) ? `There is a slot "${name}" on this server already.` : undefined;
}

interface PluginItem extends vscode.QuickPickItem {
  readonly plugin: string;
}

/** The output plugins that a slot can name, for a pick. */
export function pluginItems(plugins: readonly PluginChoice[]): readonly PluginItem[] {
  return plugins.map(({ name, certainty }) => ({
    plugin: name,
    label: messageText(name),
    description: PLUGIN_WORDS[name] ?? '',
    ...(certainty === 'unknown'
      ? {
          detail:
            'The server does not say whether it has this plugin; it does when it is asked for.',
        }
      : {}),
  }));
}

const PLUGIN_WORDS: Readonly<Record<string, string>> = {
  pgoutput: 'rows, of the tables that publications name; the choice for most consumers',
  test_decoding: 'text, of all tables; needs no publication',
  wal2json: 'JSON, of all tables; a plugin of its own',
  decoderbufs: 'Protocol Buffers, for Debezium; a plugin of its own',
};

function askPlugin(facts: ChangeFacts): Step<Draft> {
  return async (draft, place) => {
    const items = pluginItems(facts.plugins);
    const active = items.find(item => item.plugin === draft.plugin);
    const item = await askPick({
      ...place,
      items,
      placeholder: 'Which output plugin does its consumer expect?',
      ...(active === undefined ? {} : { active }),
    });
    return item === BACK ? BACK : { ...draft, plugin: item.plugin };
  };
}

interface OptionItem extends vscode.QuickPickItem {
  readonly option: 'twoPhase' | 'failover';
}

function askOptions(facts: ChangeFacts): Step<Draft> {
  const items: readonly OptionItem[] = [
    ...(facts.hasTwoPhase
      ? [
          {
            option: 'twoPhase',
            label: 'Two-phase',
            description: 'decode prepared transactions at PREPARE TRANSACTION, not at their commit',
          } as const,
        ]
      : []),
    ...(facts.hasFailover
      ? [
          {
            option: 'failover',
            label: 'Failover',
            description: 'synchronise it to standbys, so that it is still there after a failover',
          } as const,
        ]
      : []),
  ];
  return async (draft, place) => {
    const picked = await askPicks({
      ...place,
      items,
      placeholder: 'Options; most slots need none. Press Enter to go on',
      selected: items.filter(item => draft[item.option]),
      mayBeNone: true,
    });
    if (picked === BACK) return BACK;
    const has = (option: OptionItem['option']): boolean =>
      picked.some(item => item.option === option);
    return { ...draft, twoPhase: has('twoPhase'), failover: has('failover') };
  };
}

function confirm({ where }: ChangePlace): Step<Draft> {
  return async (draft, place) => {
    const options = [
      ...(draft.twoPhase ? ['two-phase'] : []),
      ...(draft.failover ? ['failover'] : []),
    ];
    const answer = await askConfirmation({
      ...place,
      action: TITLE,
      summary: [draft.slot, draft.plugin, ...options, draft.database, where].join(' · '),
      consequence: COST,
      statements: statementsOf(changeOf(draft)),
    });
    return answer === BACK ? BACK : draft;
  };
}

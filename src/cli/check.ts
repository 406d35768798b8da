import { visibleText } from '../base/visibleText';
import { formatPlural } from '../base/quantity';
import { checkTarget } from '../postgres/connectionCheck';
import { explainFailure } from '../postgres/explainFailure';
import { ownName } from '../postgres/ownName';
import type { Finding } from '../postgres/preflight/finding';
import { CliError, UsageError } from './cliError';
import type { Command, ExitStatus } from './command';
import type { CommandArguments } from './commandArguments';
import { CONNECTION_OPTIONS, resolveConnection } from './connectionOptions';
import { JSON_OPTION } from './listCommand';
import { print } from './printText';
import { PUBLICATION_OPTION } from './streamOptions';
import type { Terminal } from './terminal';

export const checkCommand: Command = {
  name: 'check',
  summary: 'Look whether a tail or a peek would work, and say what is in the way.',
  usage: ['[OPTION]...'],
  positionals: [],
  description: [
    'Prints a line for each thing that was looked at: ok, warning, problem or unknown, what is so, what to do, and the SQL that does it where there is such. Nothing is changed on the server, and no slot is made. With --slot it looks at a peek of that slot, otherwise at a tail.',
    'Exit status 0 when there is no problem, 1 when there is one.',
  ],
  options: [
    ...CONNECTION_OPTIONS,
    { name: 'slot', value: 'S', help: 'The slot to peek, or to consume.' },
    { name: 'consume', help: 'With --slot: look whether it can be consumed.' },
    PUBLICATION_OPTION,
    {
      name: 'plugin',
      value: 'P',
      help: "The output plugin of the tail: pgoutput (the default) or test_decoding. A slot's own is known.",
    },
    JSON_OPTION,
  ],
  run,
};

async function run(args: CommandArguments, terminal: Terminal): Promise<ExitStatus> {
  const slot = args.text('slot');
  const plugin = args.text('plugin');
  if (args.flag('consume') && slot === undefined) {
    throw new UsageError('--consume needs --slot');
  }
  if (plugin !== undefined && slot !== undefined) {
    throw new UsageError('--plugin is for a tail: a slot has its own');
  }
  const { target, profile } = await resolveConnection(args, terminal);
  let findings: readonly Finding[];
  try {
    findings = await checkTarget(
      target,
      {
        publications: args.texts('publication'),
        readOnly: profile.readOnly,
        ...(slot === undefined ? {} : { slot }),
        ...(plugin === undefined ? {} : { plugin }),
        ...(args.flag('consume') ? { wants: 'consume' as const } : {}),
      },
      { applicationName: ownName('view', target.user), signal: terminal.interrupted },
    );
  } catch (error) {
    throw CliError.of(explainFailure(error, { target }));
  }
  await print(
    terminal.stdout,
    args.flag('json')
      ? `${JSON.stringify(findings.map(jsonOf), undefined, 2)}\n`
      : findings.map(finding => `${lineOf(finding)}\n`).join(''),
  );
  const problems = findings.filter(({ state }) => state === 'problem').length;
  if (problems === 0) return 0;
  terminal.stderr.write(
    `pgwal check: ${formatPlural(problems, 'problem stands', 'problems stand')} in the way\n`,
  );
  return 1;
}

/** `problem  WAL level: what is so. What to do. SQL: ...` */
function lineOf({ state, subject, sentence, action, sql }: Finding): string {
  const parts = [
    `${state.padEnd(7)}  ${subject}: ${sentence}`,
    ...(action === '' ? [] : [action]),
    ...(sql === undefined ? [] : [`SQL: ${sql.replaceAll('\n', ' ')}`]),
  ];
  return visibleText(parts.join(' '));
}

function jsonOf({ code, state, subject, sentence, action, sql, cause }: Finding): object {
  return { code, state, subject, sentence, action, sql: sql ?? null, cause: cause ?? null };
}

import type { Command } from './command';

const WIDTH = 90;

/** `pgwal --help`. */
export function programUsage(commands: readonly Command[], environment: string): string {
  const names = Math.max(...commands.map(command => command.name.length));
  return [
    'pgwal: every write Postgres makes, decoded, without disturbing the server.',
    '',
    'Usage: pgwal COMMAND [OPTION]...',
    '',
    'Commands:',
    ...commands.map(command => `  ${command.name.padEnd(names)}  ${command.summary}`),
    '',
    'pgwal help COMMAND tells its options; pgwal --version prints the version.',
    '',
    environment,
    'Exit status: 0 done, 1 failed (one line on stderr says why), 2 wrong usage.',
    '',
  ].join('\n');
}

/** `pgwal help COMMAND`. */
export function commandUsage(command: Command): string {
  const lines = command.usage.map(
    (usage, i) => `${i === 0 ? 'Usage:' : '      '} pgwal ${command.name} ${usage}`,
  );
  lines.push('', ...command.description.flatMap(text => [...wrap(text, WIDTH), '']));
  const heads = command.options.map(
    option => `--${option.name}${option.value === undefined ? '' : ` ${option.value}`}`,
  );
  const width = Math.max(...heads.map(head => head.length));
  lines.push('Options:');
  command.options.forEach((option, i) => {
    const [first = '', ...rest] = wrap(option.help, WIDTH - width - 4);
    lines.push(`  ${(heads[i] ?? '').padEnd(width)}  ${first}`);
    lines.push(...rest.map(text => ' '.repeat(width + 4) + text));
  });
  lines.push('');
  return lines.join('\n');
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  lines.push(line);
  return lines;
}

import { describe, expect, it } from 'vitest';
import { TEXT_KIND, TextScanner } from '../../../src/logical/textPlugins/textScanner';

describe('TextScanner', () => {
  it.each(['constructor', '__proto__', 'toString', ''])(
    'takes an action that wal2json does not have, %j, for a text',
    action => {
      const scanner = new TextScanner('wal2json');
      const text = Buffer.from(JSON.stringify({ action, schema: 's', table: 't' }));
      scanner.scan(text, 0, text.length, text.length, 0, 100);
      expect(scanner.kind).toBe(TEXT_KIND);
      expect(scanner.table).toBeUndefined();
    },
  );
});

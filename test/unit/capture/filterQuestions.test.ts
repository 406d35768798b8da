import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fromHex } from '../../../src/base/hex';
import { parseLsn } from '../../../src/base/lsn';
import { CaptureFile } from '../../../src/capture/captureFile';
import { CaptureWriter } from '../../../src/capture/captureWriter';
import { nodeFiles } from '../../../src/capture/fileAccess';
import { FilterQuestions } from '../../../src/capture/filterQuestions';
import { RelationCatalog } from '../../../src/capture/relationCatalog';
import { LogicalFixtures, VERSIONS } from '../../golden/logical/cases';
import { testMeta } from './captureMeta';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'questions-'));
});
afterAll(() => rm(folder, { recursive: true }));

it('answers about expressions with the tables that the capture has seen', async () => {
  const fixtures = new LogicalFixtures(VERSIONS.at(-1)!);
  const file = path.join(folder, 'a.walcap');
  const writer = await CaptureWriter.create(nodeFiles, file, testMeta);
  for (const { lsn, data } of fixtures.rows('v1')) {
    writer.appendMessage(parseLsn(lsn)!, fromHex(data)!);
  }
  await writer.close();
  const capture = await CaptureFile.open(nodeFiles, file);
  const catalog = new RelationCatalog(capture);
  const questions = new FilterQuestions(capture, catalog);
  const last = capture.relations.all.findLast(
    ({ version }) => catalog.relation(version) !== undefined,
  )!;
  const { schema, name, columns } = catalog.relation(last.version)!;

  expect(questions.check(`op == "insert" && new["${columns[0]!.name}"] != null`)).toEqual({});
  expect(questions.check('new.no_such_column == 1').hint?.message).toContain('no_such_column');
  expect(questions.check('op = "insert"').problem).toMatchObject({ from: 3, to: 4 });

  const tables = questions.complete('table == "', 10).items.map(({ label }) => label);
  expect(tables).toContain(name);
  const text = `schema == "${schema}" && table == "${name}" && new.`;
  const { items } = questions.complete(text, text.length);
  const plain = columns
    .filter(column => /^[a-z_]\w*$/i.test(column.name))
    .map(column => column.name);
  expect(items.map(({ label }) => label)).toEqual(expect.arrayContaining(plain.slice(0, 50)));
  expect(items[0]!.detail).not.toBe('');
  await capture.close();
});

import { defineConfig } from 'vitest/config';

// Postgres tests that measure times, memory or load, or fill disks: one after the other.
const WITH_THE_MACHINE_FOR_THEMSELVES = [
  'cliHardTimes',
  'peekHuge',
  'replicationStream',
  'sessionRecorder',
  'tailFollow',
  'tailLoad',
  'badDays/cannotBegin',
  'badDays/disk',
].map(name => `test/postgres/${name}.test.ts`);

const E2E_ALONE = ['killed', 'start', 'tail'].map(name => `test/e2e/${name}.test.ts`);

// One project a tier: unit and golden run anywhere, postgres needs the server packages of test/hosts.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          testTimeout: 30_000,
          // Many small files: a worker loads modules once. By default two cores have a single worker.
          isolate: false,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'golden',
          include: ['test/golden/**/*.test.ts'],
          testTimeout: 60_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'fuzz',
          include: ['test/fuzz/**/*.test.ts'],
          testTimeout: 60_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'postgres',
          include: ['test/postgres/**/*.test.ts'],
          exclude: WITH_THE_MACHINE_FOR_THEMSELVES,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // These wait for servers most of the time, so one more than the two cores of a small machine.
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'postgres-alone',
          include: WITH_THE_MACHINE_FOR_THEMSELVES,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'webview',
          include: ['test/webview/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
          sequence: { groupOrder: 3 },
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          exclude: E2E_ALONE,
          testTimeout: 120_000,
          hookTimeout: 300_000,
          maxWorkers: 2,
          sequence: { groupOrder: 4 },
        },
      },
      {
        test: {
          name: 'e2e-alone',
          include: E2E_ALONE,
          testTimeout: 120_000,
          hookTimeout: 300_000,
          fileParallelism: false,
          sequence: { groupOrder: 5 },
        },
      },
    ],
  },
});

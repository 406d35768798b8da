import { describe, expect, it } from 'vitest';
import { parseLsn, type Lsn } from '../../../../src/base/lsn';
import { advanceTargetProblem, slotProblem } from '../../../../src/host/changes/slotProblems';
import type { SlotInfo } from '../../../../src/postgres/catalog/slots';
import type { SlotPreview } from '../../../../src/postgres/changes/slotPreview';

const lsn = (text: string): Lsn => parseLsn(text)!;

const SLOT: SlotInfo = {
  name: 'debezium',
  type: 'logical',
  plugin: 'pgoutput',
  database: 'shop',
  temporary: false,
  active: false,
  consumer: undefined,
  restartLsn: lsn('0/100'),
  confirmedFlushLsn: lsn('0/200'),
  retainedBytes: 1024,
  pendingBytes: 512,
  walStatus: 'reserved',
  safeWalSize: undefined,
  twoPhase: false,
  failover: false,
  synced: false,
  inactiveSince: undefined,
  health: 'normal',
  healthExplanation: '',
  isOurs: false,
  columns: {},
};

const ACTIVE: SlotInfo = {
  ...SLOT,
  active: true,
  consumer: {
    pid: 12,
    applicationName: 'connector',
    user: 'debezium',
    client: '10.0.0.7',
    query: undefined,
    since: '',
  },
};

describe('slotProblem', () => {
  it('finds nothing against a slot that nobody reads', () => {
    for (const change of ['advance', 'drop', 'consume', 'copy'] as const) {
      expect(slotProblem(SLOT, change)).toBeUndefined();
    }
  });

  it('names who uses a slot, which may still be copied', () => {
    expect(slotProblem(ACTIVE, 'drop')).toMatchObject({
      code: 'slot-in-use',
      message: 'The slot "debezium" is in use by PID 12 (connector), so it cannot be dropped.',
    });
    expect(slotProblem(ACTIVE, 'advance')?.message).toMatch(/cannot be advanced/);
    expect(slotProblem(ACTIVE, 'consume')?.message).toMatch(/cannot be consumed/);
    expect(slotProblem(ACTIVE, 'copy')).toBeUndefined();
  });

  it('lets a lost slot only be dropped', () => {
    const lost: SlotInfo = {
      ...SLOT,
      health: 'lost',
      healthExplanation: 'WAL that it needs has been removed.',
    };
    expect(slotProblem(lost, 'drop')).toBeUndefined();
    for (const change of ['advance', 'consume', 'copy'] as const) {
      expect(slotProblem(lost, change)).toMatchObject({ code: 'slot-invalid' });
    }
  });

  it('leaves synchronised slots to their primary, and physical ones unread', () => {
    expect(slotProblem({ ...SLOT, synced: true }, 'drop')?.code).toBe('slot-synced');
    expect(slotProblem({ ...SLOT, type: 'physical' }, 'consume')?.code).toBe('physical-slot');
    expect(slotProblem({ ...SLOT, type: 'physical' }, 'advance')).toBeUndefined();
  });
});

describe('advanceTargetProblem', () => {
  // The rest of a preview plays no part here.
  const preview = { slot: SLOT, currentLsn: lsn('0/300') } as SlotPreview;
  const problem = (text: string): string | undefined =>
    advanceTargetProblem(text, preview, parseLsn(text));

  it('takes what lies between the slot and the end of WAL', () => {
    expect(problem('0/201')).toBeUndefined();
    expect(problem('0/300')).toBeUndefined();
  });

  it('says what is wrong with anything else', () => {
    expect(problem('')).toBe('Enter an LSN.');
    expect(problem('12')).toMatch(/looks like/);
    expect(problem('0/200')).toMatch(/stands at 0\/200 already/);
    expect(problem('0/301')).toMatch(/ends at 0\/300/);
  });
});

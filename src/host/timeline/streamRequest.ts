import type { SourceFacts } from '../../shared/sourceFacts';

/** What the user asked to look at; enough to start it again later. Plain JSON, holds no secret. */
export type StreamRequest = TailRequest | PeekRequest | ConsumeRequest;

export interface TailRequest {
  readonly kind: 'tail';
  /** Name of the connection profile. */
  readonly server: string;
  readonly database: string;
  /** Raw names; empty with test_decoding. */
  readonly publications: readonly string[];
  /** All tables of the database, without a publication; absent: pgoutput. */
  readonly plugin?: 'test_decoding';
}

export interface PeekRequest {
  readonly kind: 'peek';
  readonly server: string;
  /** The slot's own database. */
  readonly database: string;
  readonly slot: string;
  readonly plugin: string;
  /** Raw names; empty where the plugin knows no publications. */
  readonly publications: readonly string[];
  /** LSN after which to go on, `X/X`; absent at the first look. */
  readonly startAfter?: string;
  readonly method: 'copy' | 'sql';
}

/** Reads a slot for good: it is started by a person who was asked, and never by itself. */
export interface ConsumeRequest {
  readonly kind: 'consume';
  readonly server: string;
  /** The slot's own database. */
  readonly database: string;
  readonly slot: string;
  readonly plugin: string;
  /** Raw names. */
  readonly publications: readonly string[];
}

/** `shop_changes · shop@localhost`. */
export function requestTitle(request: StreamRequest): string {
  return `${subjectOf(request)} · ${request.server}`;
}

/** What the command that checks a server has to look at before this request is tried again. */
export function checkArgument(request: StreamRequest): Readonly<Record<string, unknown>> {
  const { kind, server, database, publications } = request;
  return {
    server,
    database,
    wants: kind,
    ...(publications.length === 0 ? {} : { publications }),
    ...(kind === 'tail' ? { plugin: request.plugin ?? 'pgoutput' } : { slot: request.slot }),
  };
}

/** What is known of the source before its capture says it better. */
export function requestSource(request: StreamRequest): SourceFacts {
  return {
    title: subjectOf(request),
    server: request.server,
    database: request.database,
    serverVersion: '',
    kind: request.kind,
    slot: request.kind === 'tail' ? '' : request.slot,
    publications: request.publications,
    plugin: request.plugin ?? 'pgoutput',
  };
}

/** What is looked at: `shop_changes`. */
function subjectOf(request: StreamRequest): string {
  switch (request.kind) {
    case 'tail':
      return request.plugin === 'test_decoding'
        ? `${request.database}, all tables`
        : request.publications.join(', ');
    case 'peek':
      return request.slot;
    case 'consume':
      return `${request.slot} (consumed)`;
  }
}

/** Checks a request that was stored, or given to a command by somebody else. */
export function readRequest(value: unknown): StreamRequest | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const p = value as Readonly<Record<string, unknown>>;
  const { kind, server, database, publications, slot, plugin, startAfter, method } = p;
  if (typeof server !== 'string' || typeof database !== 'string') return undefined;
  if (!isNames(publications)) return undefined;
  if (kind === 'tail') {
    const tail = { kind, server, database, publications } as const;
    return plugin === 'test_decoding' ? { ...tail, plugin, publications: [] } : tail;
  }
  if (typeof slot !== 'string' || typeof plugin !== 'string') return undefined;
  if (kind === 'consume') return { kind, server, database, slot, plugin, publications };
  if (kind !== 'peek') return undefined;
  return {
    kind,
    server,
    database,
    slot,
    plugin,
    publications,
    method: method === 'sql' ? 'sql' : 'copy',
    ...(typeof startAfter === 'string' ? { startAfter } : {}),
  };
}

export function isNames(value: unknown): value is readonly string[] {
  return (
    Array.isArray(value) && value.length <= 1000 && value.every(name => typeof name === 'string')
  );
}

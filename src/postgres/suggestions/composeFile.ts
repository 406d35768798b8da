import { parseDocument } from 'yaml';
import type { ConnectionParameters } from '../connectionString';
import { interpolate } from './interpolate';
import type { Suggestion, Variables } from './suggestion';

/** The variables of an .env file that lies in this place beside the compose file; empty without one. */
export type EnvLookup = (relativePath: string) => Variables;

/** What is said of a file: the servers in it, or why it cannot be read. */
export type ComposeResult =
  { readonly suggestions: readonly Suggestion[] } | { readonly problem: string };

/** An image of a Postgres server, and names that only sound like one. */
const IMAGE = /postgres|postgis|timescale|pgvector|citus/i;
const NO_SERVER = /postgrest|exporter|admin|bouncer|pgpool|backup|meta/i;
const POSTGRES_PORT = '5432';
/** Aliases may refer to aliases: more than this many values are no compose file. */
const MAX_ALIASES = 100;

/**
 * The Postgres servers of a Docker Compose file that can be reached from outside their containers: by
 * a published port. A bundle of its own, since it brings a YAML parser along. Never throws.
 */
export function readComposeFile(text: string, env: EnvLookup): ComposeResult {
  try {
    const document = parseDocument(text, { merge: true, logLevel: 'silent' });
    const [error] = document.errors;
    if (error !== undefined) return { problem: firstLine(error.message) };
    const services = field(document.toJS({ maxAliasCount: MAX_ALIASES }), 'services');
    const names = typeof services === 'object' && services !== null ? Object.keys(services) : [];
    return {
      suggestions: names.flatMap(name => {
        const parameters = readServer(field(services, name), env);
        return parameters === undefined ? [] : [{ what: `service ${name}`, parameters }];
      }),
    };
  } catch (error) {
    return { problem: firstLine(error instanceof Error ? error.message : String(error)) };
  }
}

function readServer(service: unknown, env: EnvLookup): ConnectionParameters | undefined {
  const outside = env('.env');
  const image = text(field(service, 'image'), outside);
  const inside = environmentOf(service, env);
  // One that is built here tells by its environment what it is built from.
  const isServer = image === '' ? inside.has('POSTGRES_PASSWORD') : isServerImage(image);
  const place = isServer ? publishedPlace(service, outside) : undefined;
  if (place === undefined) return undefined;
  const value = (...names: readonly string[]): string | undefined =>
    names.map(name => inside.get(name)).find(found => found !== undefined && found !== '');
  const user = value('POSTGRES_USER', 'POSTGRESQL_USERNAME') ?? 'postgres';
  const password = value('POSTGRES_PASSWORD', 'POSTGRESQL_PASSWORD');
  return {
    ...place,
    user,
    dbname: value('POSTGRES_DB', 'POSTGRESQL_DATABASE') ?? user,
    ...(password === undefined ? {} : { password }),
  };
}

function isServerImage(image: string): boolean {
  return IMAGE.test(image) && !NO_SERVER.test(image);
}

/** The variables in the container: those of its env files, and those that stand in the file over them. */
function environmentOf(service: unknown, env: EnvLookup): Variables {
  const outside = env('.env');
  const inside = new Map<string, string>();
  for (const entry of list(field(service, 'env_file'))) {
    const name = text(typeof entry === 'string' ? entry : field(entry, 'path'), outside);
    for (const [key, value] of env(name)) inside.set(key, value);
  }
  const given = field(service, 'environment');
  const lines = Array.isArray(given)
    ? list(given).map(line => text(line, outside).split(/=(.*)/s))
    : Object.entries(record(given)).map(([key, value]) => [
        key,
        ...(value === null ? [] : [text(value, outside)]),
      ]);
  for (const [key = '', value] of lines) {
    // Without a value it comes from outside.
    inside.set(key, value ?? outside.get(key) ?? '');
  }
  return inside;
}

/** Where the server's port can be reached on this machine; undefined where it cannot. */
function publishedPlace(service: unknown, outside: Variables): ConnectionParameters | undefined {
  if (field(service, 'network_mode') === 'host') return { host: 'localhost', port: POSTGRES_PORT };
  for (const entry of list(field(service, 'ports'))) {
    const place =
      typeof entry === 'object' && entry !== null
        ? longPort(entry, outside)
        : shortPort(text(entry, outside));
    if (place !== undefined) return place;
  }
  return undefined;
}

/** `[ADDRESS:]PUBLISHED:TARGET[/tcp]`; without a published port Docker takes one that nobody knows. */
function shortPort(port: string): ConnectionParameters | undefined {
  const match = /^(?:(\[[^\]]+\]|[^:]+):)?(\d+):(\d+)(?:\/tcp)?$/.exec(port.trim());
  if (match?.[3] !== POSTGRES_PORT) return undefined;
  return { host: hostOf(match[1] ?? ''), port: match[2] ?? '' };
}

function longPort(entry: object, outside: Variables): ConnectionParameters | undefined {
  const target = text(field(entry, 'target'), outside);
  const published = text(field(entry, 'published'), outside);
  if (target !== POSTGRES_PORT || !/^\d+$/.test(published)) return undefined;
  return { host: hostOf(text(field(entry, 'host_ip'), outside)), port: published };
}

/** An address that stands for all of the machine's own is reached as this machine. */
function hostOf(address: string): string {
  const host = address.replaceAll(/[[\]]/g, '');
  return ['', '0.0.0.0', '::'].includes(host) ? 'localhost' : host;
}

function text(value: unknown, variables: Variables): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' ? interpolate(value, variables) : '';
}

function list(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return value === undefined || value === null ? [] : [value];
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function field(value: unknown, name: string): unknown {
  const fields = record(value);
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0] ?? '';
}

import path from 'node:path';
import { pathToFileURL } from 'node:url';
import * as vscode from 'vscode';
import { HostFailure } from '../../hostFailure';
import type * as ComposeFile from '../../../postgres/suggestions/composeFile';
import { readEnvFile, suggestionsIn } from '../../../postgres/suggestions/envFile';
import type { Suggestion, Variables } from '../../../postgres/suggestions/suggestion';

export interface FoundSuggestion extends Suggestion {
  /** The file, relative to the workspace. Raw text. */
  readonly file: string;
}

const ENV_FILES = '**/{.env,.env.*,*.env}';
const COMPOSE_FILES = '**/{compose,docker-compose}*.{yml,yaml}';
const ELSEWHERE = '**/{node_modules,.git,vendor,venv,.venv,dist,build}/**';
/** Patterns for others to fill in. */
const EXAMPLE = /\.(?:example|sample|template|dist)$/;
/** Most files of a kind that are read, and their size in bytes: a workspace may hold anything. */
const MAX_FILES = 50;
const MAX_BYTES = 256 * 1024;
/** Most servers that are offered. */
const MAX_SUGGESTIONS = 100;

/** Looks for servers in the .env and compose files of the workspace, when it is told to. */
export class WorkspaceFiles {
  readonly #composeReaderFile: string;
  readonly #log: vscode.LogOutputChannel;

  /** `composeReaderFile` is the path of the bundle that reads compose files, loaded on first use. */
  constructor(composeReaderFile: string, log: vscode.LogOutputChannel) {
    this.#composeReaderFile = composeReaderFile;
    this.#log = log;
  }

  /** The servers, each once. What cannot be read is left out and noted in the log. */
  async find(): Promise<readonly FoundSuggestion[]> {
    // Asked by a command too, which is there without trust.
    if (!vscode.workspace.isTrusted) throw new HostFailure(UNTRUSTED_FILES);
    const environments = new Map<string, Variables>();
    const found: FoundSuggestion[] = [];
    for (const [uri, text] of await this.#read(ENV_FILES)) {
      const variables = readEnvFile(text);
      environments.set(uri.path, variables);
      if (!EXAMPLE.test(uri.path)) found.push(...at(uri, suggestionsIn(variables)));
    }
    const composeFiles = await this.#read(COMPOSE_FILES);
    if (composeFiles.length > 0) {
      const { readComposeFile } = await this.#composeReader();
      for (const [uri, text] of composeFiles) {
        const folder = path.posix.dirname(uri.path);
        const result = readComposeFile(
          text,
          name => environments.get(path.posix.join(folder, name)) ?? new Map(),
        );
        if ('suggestions' in result) found.push(...at(uri, result.suggestions));
        else this.#log.warn(`${relative(uri)} cannot be read: ${result.problem}`);
      }
    }
    return eachOnce(found).slice(0, MAX_SUGGESTIONS);
  }

  async #composeReader(): Promise<typeof ComposeFile> {
    const module: unknown = await import(pathToFileURL(this.#composeReaderFile).href);
    return module as typeof ComposeFile;
  }

  async #read(pattern: string): Promise<readonly (readonly [vscode.Uri, string])[]> {
    const uris = await vscode.workspace.findFiles(pattern, ELSEWHERE, MAX_FILES);
    const texts: (readonly [vscode.Uri, string])[] = [];
    for (const uri of [...uris].sort((a, b) => (a.path < b.path ? -1 : 1))) {
      try {
        const { size } = await vscode.workspace.fs.stat(uri);
        if (size > MAX_BYTES) throw new Error(`it has more than ${MAX_BYTES} bytes`);
        texts.push([uri, new TextDecoder().decode(await vscode.workspace.fs.readFile(uri))]);
      } catch (error) {
        this.#log.warn(`${relative(uri)} cannot be read: ${String(error)}`);
      }
    }
    return texts;
  }
}

function at(uri: vscode.Uri, suggestions: readonly Suggestion[]): readonly FoundSuggestion[] {
  return suggestions.map(suggestion => ({ ...suggestion, file: relative(uri) }));
}

function relative(uri: vscode.Uri): string {
  return vscode.workspace.asRelativePath(uri);
}

function eachOnce(found: readonly FoundSuggestion[]): readonly FoundSuggestion[] {
  const seen = new Set<string>();
  return found.filter(({ parameters }) => {
    const key = JSON.stringify(Object.entries(parameters).sort());
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
}

const UNTRUSTED_FILES = {
  code: 'untrusted-workspace',
  message: 'This workspace is not trusted, so its files are not read.',
  action: 'Trust the workspace, or describe the server by a connection string.',
  detail: '',
};

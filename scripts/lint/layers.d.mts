import type { Rule } from 'eslint';

export interface LayerRules {
  readonly may: readonly string[];
  readonly node: boolean;
  readonly packages: readonly string[];
}

export const LAYERS: Readonly<Record<string, LayerRules>>;
export const layersRule: Rule.RuleModule;

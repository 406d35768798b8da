import path from 'node:path';

/**
 * The layers of docs/architecture.md, as a lint rule: which top-level folder of src may import from
 * which others, and who may use `vscode`, Node's modules and npm packages.
 *
 * The table names for each layer what it may import besides itself.
 */
const CORE = ['base', 'shared'];
export const LAYERS = {
  base: { may: [], node: false, packages: [] },
  shared: { may: ['base'], node: false, packages: [] },
  postgres: { may: [...CORE], node: true, packages: ['pg', 'yaml'] },
  logical: { may: [...CORE], node: false, packages: [] },
  wal: { may: [...CORE], node: false, packages: [] },
  filter: { may: [...CORE, 'logical'], node: false, packages: ['@marcbachmann/cel-js'] },
  capture: { may: [...CORE, 'logical', 'filter'], node: true, packages: [] },
  export: { may: [...CORE, 'logical', 'filter', 'capture'], node: true, packages: [] },
  insight: { may: [...CORE, 'logical', 'capture', 'postgres'], node: true, packages: [] },
  session: { may: [...CORE, 'postgres', 'logical', 'capture'], node: true, packages: [] },
  worker: {
    may: [...CORE, 'postgres', 'logical', 'filter', 'capture', 'export', 'insight', 'session'],
    node: true,
    packages: [],
  },
  cli: {
    may: [
      ...CORE,
      'postgres',
      'logical',
      'wal',
      'filter',
      'capture',
      'export',
      'insight',
      'session',
    ],
    node: true,
    packages: [],
  },
  // The host forwards: it knows servers and contracts, and reaches captures through its workers.
  host: { may: [...CORE, 'postgres', 'insight'], node: true, packages: ['vscode'] },
  'extension.ts': { may: [...CORE, 'host', 'postgres'], node: true, packages: ['vscode'] },
  webview: { may: [...CORE], node: false, packages: ['lit', '@vscode-elements/elements'] },
};

/** The layer that a file belongs to, or undefined outside src and webview. */
function layerOf(root, file) {
  const parts = path.relative(root, file).split(path.sep);
  if (parts[0] === 'webview') return 'webview';
  if (parts[0] !== 'src') return undefined;
  return parts[1];
}

const packageOf = specifier =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

/** @type {import('eslint').Rule.RuleModule} */
export const layersRule = {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      unknown: 'src/{{from}} is not a layer; name it in scripts/lint/layers.mjs',
      layer: '{{from}} may not import {{to}}: imports point down only (docs/architecture.md)',
      node: '{{from}} runs everywhere and may not import {{to}}',
      package: '{{from}} may not import the package {{to}}',
    },
  },
  create(context) {
    const root = context.cwd;
    const file = context.filename;
    const from = layerOf(root, file);
    if (from === undefined) return {};
    const rules = LAYERS[from];
    const check = node => {
      const specifier = node.source?.value;
      if (typeof specifier !== 'string') return;
      const report = (messageId, to) => {
        context.report({ node, messageId, data: { from, to } });
      };
      if (rules === undefined) {
        report('unknown', from);
      } else if (specifier.startsWith('.')) {
        const to = layerOf(root, path.resolve(path.dirname(file), specifier));
        if (to === undefined || (to !== from && !rules.may.includes(to))) {
          report('layer', to ?? specifier);
        }
      } else if (specifier.startsWith('node:')) {
        if (!rules.node) report('node', specifier);
      } else if (!rules.packages.includes(packageOf(specifier))) {
        report('package', specifier);
      }
    };
    return {
      ImportDeclaration: check,
      ImportExpression: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
    };
  },
};

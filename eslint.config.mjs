import js from '@eslint/js';
import tseslint from 'typescript-eslint';
import { layersRule } from './scripts/lint/layers.mjs';

export default [
  {
    ignores: ['dist/**', 'node_modules/**', 'test/hosts/**', 'test/results/**', '.cache/**'],
  },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked.map(config => ({
    ...config,
    files: ['**/*.ts', '**/*.mts'],
  })),
  {
    files: ['**/*.ts', '**/*.mts'],
    languageOptions: {
      parserOptions: { project: ['./tsconfig.json', './webview/tsconfig.json'] },
    },
    plugins: { walexplorer: { rules: { layers: layersRule } } },
    rules: {
      'walexplorer/layers': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/strict-boolean-expressions': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true } }],
      'no-empty': ['error', { allowEmptyCatch: false }],
      'no-console': 'error',
    },
  },
  {
    // Loops over typed arrays and buffers whose indices are bounded by the loop itself.
    files: [
      'src/base/crc32c.ts',
      'src/capture/cellGrid.ts',
      'src/capture/conversation.ts',
      'src/capture/indexChunk.ts',
      'src/capture/messageText.ts',
      'src/capture/overviewScan.ts',
      'src/capture/statisticsScan.ts',
      'src/capture/textNeedle.ts',
      'src/capture/zone.ts',
      'src/capture/rowReader.ts',
      'src/capture/rowClasses.ts',
      'src/capture/seqBitmap.ts',
      'src/logical/pgoutput/messageScanner.ts',
      'src/logical/pgoutput/tuple.ts',
      'src/logical/plainRowReader.ts',
      'src/logical/rowLine.ts',
    ],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  {
    files: ['test/**/*.ts'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  {
    files: ['scripts/**/*.ts', 'test/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['vitest.config.mts'],
    rules: { 'no-restricted-exports': 'off' },
  },
  {
    files: ['scripts/demo/starter/*.js'],
    languageOptions: { sourceType: 'commonjs', globals: { process: 'readonly' } },
  },
  {
    files: ['**/*.mjs'],
    languageOptions: {
      globals: { process: 'readonly', console: 'readonly' },
    },
  },
];

import jest from 'eslint-plugin-jest';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['node_modules', 'dist', 'cdktf.out', 'coverage', '.local'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // Numbers and durations read better as `a = b ?? 0`; `||` would turn a meant zero into a default.
      '@typescript-eslint/prefer-nullish-coalescing': 'error',
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Named exports only: one name for one thing.' },
      ],
      'max-lines': ['error', { max: 350 }],
    },
  },
  {
    // Only the process entries and the config schemas may read the environment.
    files: ['app/**/*.ts', 'worker/**/*.ts'],
    ignores: ['app/process.ts', 'app/index.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Read the parsed configuration instead.' },
      ],
      'no-console': 'error',
    },
  },
  {
    files: ['main.ts', 'stacks/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          name: 'cdktf',
          importNames: ['TerraformAsset'],
          message:
            'Its hash ignores the names of files (findings/cdktf-asset-hash-ignores-file-names.sh): a renamed handler would ' +
            'not be deployed. Make the archive and its hash as stacks/constructs/rollback/rollback-code.ts does.',
        },
      ],
    },
  },
  {
    // Names come from the portal: no string may become markup or code. And the token stays in memory.
    files: ['app/console/browser/**/*.ts', 'app/console/model/**/*.ts'],
    rules: {
      'no-eval': 'error',
      'no-restricted-globals': ['error', 'localStorage', 'sessionStorage', 'indexedDB', 'DOMParser'],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Named exports only: one name for one thing.' },
        {
          selector:
            'MemberExpression[property.name=/^(innerHTML|outerHTML|insertAdjacentHTML|write|writeln|srcdoc|createContextualFragment|setHTMLUnsafe|cookie)$/]',
          message: 'Make elements with dom.ts: what people and the portal write must never become markup.',
        },
        {
          selector: 'MemberExpression[property.value=/^(innerHTML|outerHTML|srcdoc|cookie)$/]',
          message: 'Make elements with dom.ts: what people and the portal write must never become markup.',
        },
      ],
    },
  },
  {
    files: ['test/**/*.ts'],
    extends: [jest.configs['flat/recommended']],
    rules: {
      // Contract suites and helpers assert in functions of their own.
      'jest/expect-expect': ['error', { assertFunctionNames: ['expect', 'expect*', 'assert*'] }],
      'jest/no-standalone-expect': 'off',
      'jest/require-top-level-describe': 'off',
    },
  },
);

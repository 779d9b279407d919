/**
 * The import rules of the source tree (docs/architecture.md). A rule that fails names the line to move.
 * @type {import('dependency-cruiser').IConfiguration}
 */
module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      comment: 'Two modules that need each other are one module, or lack a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'app-imports-nothing-of-ours',
      comment: 'The app runs alone in its container: it knows no worker, stack, alarm or local system.',
      severity: 'error',
      from: { path: '^app/' },
      to: { path: '^(worker|stacks|alarms|cli|local|bench|test)/|^main\\.ts$' },
    },
    {
      name: 'worker-imports-only-app',
      severity: 'error',
      from: { path: '^worker/' },
      to: { path: '^(stacks|alarms|cli|local|bench|test)/|^main\\.ts$' },
    },
    {
      name: 'stacks-import-definitions-only',
      comment:
        'Infrastructure takes data and schemas from the app: the table, the config schemas, the alarms. Of the rollback: ' +
        'the schema of its environment, what it does to the table, and how long it may take.',
      severity: 'error',
      from: { path: '^(stacks/|main\\.ts$)' },
      to: {
        path: '^(app|worker|alarms|cli|local|bench|test)/',
        pathNot:
          '^(app/config\\.ts|app/environment\\.ts|app/store/table\\.ts|worker/config\\.ts|alarms/definitions\\.ts|alarms/rollback/(config|time-budget)\\.ts)$',
      },
    },
    {
      name: 'alarms-and-cli-import-the-store',
      comment:
        'And what makes a process of ours: the schema of its environment, the format of its logs, and clients of AWS whose calls end. Initialising a table is one step, whoever does it.',
      severity: 'error',
      from: { path: '^(alarms|cli)/' },
      to: {
        path: '^(app|worker|local|bench|test)/',
        pathNot:
          '^app/(aws/|store/|jobs/guard-table\\.ts$|allocation/clock\\.ts$|environment\\.ts$|logger\\.ts$)',
      },
    },
    {
      name: 'alarms-know-no-stack',
      severity: 'error',
      from: { path: '^alarms/' },
      to: { path: '^(stacks|cli)/|^main\\.ts$' },
    },
    {
      name: 'cli-reads-the-names',
      comment:
        'So that people type no name of a cluster: what the stacks deploy is what the command line looks for.',
      severity: 'error',
      from: { path: '^cli/' },
      to: { path: '^stacks/|^main\\.ts$', pathNot: '^stacks/(names|environments)\\.ts$' },
    },
    {
      name: 'only-compose-builds-adapters',
      comment: 'Everyone else depends on the port; app/compose.ts is the one place that chooses an adapter.',
      severity: 'error',
      from: { path: '^(app|worker)/', pathNot: '^app/compose\\.ts$' },
      to: {
        path: '^app/(store/dynamo-sandbox-store|store/dynamo-client|csp/http-csp-client)\\.ts$',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'clients-stand-alone',
      comment: 'A client is copied into other projects: it knows the API only by its document.',
      severity: 'error',
      from: { path: '^clients/' },
      to: { path: '^(app|worker|stacks|alarms|cli|local|bench|test)/|^main\\.ts$' },
    },
    {
      name: 'only-tests-use-clients',
      severity: 'error',
      from: { path: '^(app|worker|stacks|alarms|cli|local)/' },
      to: { path: '^clients/' },
    },
    {
      name: 'nothing-ships-test-code',
      severity: 'error',
      from: { pathNot: '^(test|bench)/' },
      to: { path: '^(test|bench)/' },
    },
    {
      name: 'shipped-code-uses-dependencies',
      comment: 'What runs in production may not lean on a development dependency.',
      severity: 'error',
      from: { path: '^(app|worker|alarms)/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
    { name: 'not-to-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
    },
  },
};

const shared = {
  testEnvironment: 'node',
  transform: { '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }] },
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/cdktf.out'],
};

/** @type {import('jest').Config} */
export default {
  // Only a test that hangs takes that long; a busy machine must fail none.
  testTimeout: 30_000,
  // Each file of tests leaves memory and an AsyncLocalStorage behind, which every later promise of its process pays for:
  // after 60 files the tests of whole worlds took seven times as long. So a worker is replaced before it has run many.
  workerIdleMemoryLimit: '250MB',
  projects: [
    // Rules and adapters with fakes: seconds.
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: ['e2e', 'engine', 'faults/runs', 'load'].map(
        (folder) => `<rootDir>/test/${folder}/`,
      ),
    },
    // The same contracts on the real engine.
    { ...shared, displayName: 'engine', testMatch: ['<rootDir>/test/engine/**/*.test.ts'] },
    // Whole systems over HTTP, one at a time: each starts an engine, a portal and several processes.
    {
      ...shared,
      displayName: 'e2e',
      testMatch: ['<rootDir>/test/e2e/**/*.test.ts'],
      testPathIgnorePatterns: ['<rootDir>/test/e2e/deployment/', '<rootDir>/test/e2e/delivery/'],
      globalSetup: '<rootDir>/test/e2e/build-once.mjs',
    },
    // Whole systems under load: they need the machine to themselves.
    {
      ...shared,
      displayName: 'load',
      testMatch: ['<rootDir>/test/load/**/*.test.ts'],
      globalSetup: '<rootDir>/test/e2e/build-once.mjs',
    },
    // Whole systems under faults: what must hold over the table and the portal's log after each run.
    {
      ...shared,
      displayName: 'faults',
      testMatch: ['<rootDir>/test/faults/runs/**/*.test.ts'],
      // Minutes, to show that brokers which are broken on purpose are found out.
      testPathIgnorePatterns: process.env.FAULT_PLANTS === '1' ? [] : ['/planted-faults.test.ts$'],
    },
    // The stacks, deployed by Terraform into an emulated AWS account, and what was deployed there, run. Skipped, and said
    // so, without the tools.
    {
      ...shared,
      displayName: 'deployment',
      testMatch: ['<rootDir>/test/e2e/deployment/**/*.test.ts', '<rootDir>/test/e2e/delivery/**/*.test.ts'],
      globalSetup: '<rootDir>/test/e2e/deployment/find-tools.mjs',
    },
  ],
};

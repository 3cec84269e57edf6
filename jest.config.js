export default {
  testEnvironment: 'node',
  roots: ['actions', 'bench', 'cli', 'docs', 'test'].map((folder) => `<rootDir>/${folder}`),
  testMatch: ['<rootDir>/test/**/*.test.{ts,tsx}'],
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  transform: {
    '\\.tsx?$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', tsx: true },
          transform: { react: { runtime: 'automatic', importSource: 'preact' } },
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  modulePathIgnorePatterns: ['<rootDir>/lib/'],
  maxWorkers: '100%',
  coverageProvider: 'v8',
  collectCoverageFrom: ['actions/*/src/**/*.{ts,tsx}', 'cli/**/*.ts'],
  // A guard against what hangs, and no measure of speed: Spark takes its time to start, on a busy machine the more.
  testTimeout: 900_000,
};

// The arrows of docs/design.md, section 6: functions → http → jobs ← storage, and operations stand apart.
// A folder may import from itself and from the folders named here, and nothing else of this repository.
const telemetry = 'telemetry/(catalogue|invocation-trace|tracing)[.]ts';
const arrows = {
  jobs: ['operations/(operation|workflow)[.]ts'],
  storage: ['jobs', 'telemetry/tracing[.]ts'],
  operations: [],
  http: ['jobs', 'operations/operation[.]ts', 'telemetry/tracing[.]ts'],
  durable: ['jobs', 'operations/(operation|orchestration|workflow)[.]ts', telemetry],
  pages: [],
  telemetry: ['jobs/ports[.]ts'],
  functions: ['http', 'jobs', 'operations/operation[.]ts', telemetry],
};
const shared = ['src/logs[.]ts'];

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-unresolved',
      severity: 'error',
      from: { pathNot: '/fixtures/' },
      to: { couldNotResolve: true, pathNot: '^@azure/functions-core$' },
    },
    {
      name: 'src-is-the-whole-app',
      comment: 'Nothing outside src/ and host.json is deployed.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(dev|test)/' },
    },
    {
      name: 'no-azure-in-the-domain',
      severity: 'error',
      from: { path: '^src/(jobs|operations)/' },
      to: { path: 'node_modules/(@azure|durable-functions)/' },
    },
    {
      name: 'sdk-types-stop-in-storage',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/storage/' },
      to: { path: 'node_modules/@azure/(storage-blob|storage-queue|identity)/' },
    },
    {
      name: 'engine-types-stop-in-durable',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/durable/' },
      to: { path: 'node_modules/durable-functions/' },
    },
    {
      name: 'opentelemetry-is-loaded-on-demand',
      comment:
        'It is a bundle of its own: the app says what it does by src/telemetry/tracing.ts and src/logs.ts.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/telemetry/open-telemetry/' },
      to: {
        path: '^src/telemetry/open-telemetry/|node_modules/@opentelemetry/|node_modules/@azure/monitor-',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'client-stands-alone',
      comment: 'Browsers load it: it knows the contract, and nothing of the app, of Node.js or of a package.',
      severity: 'error',
      from: { path: '^src/client/' },
      to: { pathNot: '^src/client/' },
    },
    {
      name: 'one-reader-of-the-environment',
      comment: 'Settings reach a layer as arguments from the composition root.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(main|config)[.]ts$' },
      to: { path: '^src/config[.]ts$', dependencyTypesNot: ['type-only'] },
    },
    ...Object.entries(arrows).map(([folder, allowed]) => ({
      name: `arrows-of-${folder}`,
      severity: 'error',
      from: { path: `^src/${folder}/` },
      to: {
        path: '^src/',
        pathNot: [
          `^src/${folder}/`,
          '^src/config[.]ts$',
          ...shared.map((file) => `^${file}`),
          ...allowed.map((to) => `^src/${to}`),
        ],
      },
    })),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};

import boundaries from 'eslint-plugin-boundaries';
import tseslint from 'typescript-eslint';

/**
 * The rooms of the house, from the ground up: a room may import itself and the rooms on lower levels. The same table stands in
 * docs/architecture.md with the reasons.
 */
const LEVELS = [
  { common: 'src/common' },
  { client: 'src/client', graph: 'src/graph' },
  { flow: 'src/flow' },
  { journal: 'src/journal', protocol: 'src/protocol' },
  { gremlin: 'src/gremlin', history: 'src/history', flowstore: 'src/flowstore', registry: 'src/registry', samples: 'src/samples' },
  { services: 'src/services', hub: 'src/hub' },
  { schema: 'schema' },
  { resolvers: 'resolvers', compat: 'src/compat' },
  { server: 'src/server' },
  { cli: 'src/cli' },
];

/** The agent stands beside the analyzer: what it may import ends with level 3, and only the command line starts it. */
const AGENT = { name: 'agent', folder: 'agent', below: 4, importedBy: ['cli'] };

const rooms = [...LEVELS.flatMap((level) => Object.entries(level)), [AGENT.name, AGENT.folder]];
const namesBelow = (level) => LEVELS.slice(0, level).flatMap((rooms) => Object.keys(rooms));
const policy = (from, to) => ({ from: { element: { type: from } }, allow: { to: { element: { types: { anyOf: to } } } } });

const policies = [
  ...LEVELS.flatMap((level, height) => Object.keys(level).map((name) => policy(name, [name, ...namesBelow(height)]))),
  policy(AGENT.name, [AGENT.name, ...namesBelow(AGENT.below)]),
  ...AGENT.importedBy.map((name) => policy(name, [AGENT.name])),
];

/** No compiler emits decorator metadata here, so every decorator of type-graphql says its type itself: `@Field(() => Int)`. */
const TYPED_DECORATORS = ['Field', 'Query', 'Mutation', 'Subscription', 'FieldResolver', 'Arg'];
const WEB_ROOMS = ['app', 'map', 'timeline', 'details', 'flows', 'captures', 'changes', 'rules', 'ask', 'status', 'find'];
const WEB_GROUND = ['data', 'ui'];
/** A room of the page imports itself and the ground; rooms meet in `app`, whose imports are free. */
const webPolicies = [
  ...WEB_ROOMS.map((name) => policy(name, name === 'app' ? [...WEB_ROOMS, ...WEB_GROUND] : [name, ...WEB_GROUND])),
  policy('data', ['data']),
  policy('ui', ['ui']),
];

const explicitTypes = [
  {
    selector: `Decorator > CallExpression[callee.name=/^(${TYPED_DECORATORS.join('|')})$/]:not(:has(> ArrowFunctionExpression.arguments))`,
    message: 'Name the type by a function: @Field(() => Int), @Arg("id", () => ID).',
  },
];

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'coverage/', '**/*.d.ts'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts', '**/*.tsx'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      'no-restricted-syntax': ['error', ...explicitTypes],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_' }],
      'prefer-const': 'error',
      eqeqeq: 'error',
    },
  },
  {
    files: ['src/**/*.ts', 'schema/**/*.ts', 'resolvers/**/*.ts', 'agent/**/*.ts'],
    plugins: { boundaries },
    settings: {
      'boundaries/elements': rooms.map(([type, pattern]) => ({ type, pattern })),
      'import/resolver': { typescript: { project: 'tsconfig.json' } },
    },
    rules: { 'boundaries/dependencies': ['error', { default: 'disallow', policies }] },
  },
  {
    files: ['web/**/*.ts', 'web/**/*.tsx'],
    plugins: { boundaries },
    settings: {
      'boundaries/elements': [...WEB_ROOMS, ...WEB_GROUND].map((name) => ({ type: name, pattern: `web/${name}` })),
      'import/resolver': { typescript: { project: 'web/tsconfig.json' } },
    },
    rules: { 'boundaries/dependencies': ['error', { default: 'disallow', policies: webPolicies }] },
  },
  { files: ['**/*.js'], ...tseslint.configs.disableTypeChecked },
);

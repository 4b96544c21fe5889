/**
 * Lint rules of the project. Beyond style they hold up two promises: imports point one way only, and the parts that
 * run in every Convex function reach clock, random, environment and network through ports alone. `no inline config`
 * is deliberate: a rule that is wrong is changed here, for everybody, with a reason.
 */
import { createNodeResolver, importX } from "eslint-plugin-import-x";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

/** The parts of `otlp` that send nothing: encoding, counting, when to try again, what the environment says of the service. */
const pureOtlp = ["otlp/encode.ts", "otlp/split.ts", "otlp/retry.ts", "otlp/resourceFromEnv.ts"];

/** What each folder of `src` may import besides itself. A folder that is missing here may import nothing. */
const layers = {
  semconv: [],
  core: ["semconv"],
  propagation: ["core", "semconv"],
  logs: ["core", "semconv"],
  otlp: ["core", "semconv", "logs"],
  "adapters/convex/server": ["core", "propagation", "semconv", "logs", ...pureOtlp],
  "adapters/http": ["core", "propagation", "semconv"],
  "adapters/cache": ["core", "semconv"],
  "adapters/sql": ["core", "semconv"],
  component: ["core", "semconv", "otlp"],
  node: ["core", "propagation", "semconv", "logs", "otlp"],
  testing: ["adapters", "core", "logs", "otlp", "propagation", "semconv"],
  cli: ["adapters", "core", "logs", "otlp", "propagation", "semconv", "testing", "index.ts"],
  "index.ts": ["core", "propagation", "logs"],
};

const zones = Object.entries(layers).map(([folder, allowed]) => ({
  target: `./src/${folder}`,
  from: "./src",
  except: [folder, ...allowed].map((path) => `./${path}`),
  message: `src/${folder} may import ${allowed.length > 0 ? allowed.join(", ") : "nothing outside itself"}.`,
}));

/** Code that is evaluated in queries and mutations: no side door to the outside world. */
const pureFiles = [
  "src/{core,propagation,semconv,logs}/**/*.ts",
  "src/adapters/sql/*.ts",
  "src/otlp/{anyValue,base64,encode,encodeSpan,fitSpans,retry,safeText,shrinkSpan,split,text,unixNano}.ts",
];

/** Code that is bundled for the Convex runtime, or for workers, which have no Node builtins. */
const isolateFiles = [
  ...pureFiles,
  "src/adapters/{cache,convex,http}/**/*.ts",
  "src/component/**/*.ts",
  "src/otlp/**/*.ts",
  "src/index.ts",
];

const outsideWorld = [
  "Buffer",
  "clearInterval",
  "clearTimeout",
  "console",
  "crypto",
  "fetch",
  "performance",
  "process",
  "queueMicrotask",
  "setImmediate",
  "setInterval",
  "setTimeout",
];

const portsOnly = "Take it from a port of src/core/ports.ts: Convex forbids or replays it in some function types.";

/** Forms that no library file uses. */
const restrictedForms = [
  { selector: "TSAsExpression > TSAsExpression", message: "A double cast hides a bug: narrow with a check instead." },
  // The compiler option for this (erasableSyntaxOnly) also rejects the sources that some packages ship as types.
  {
    selector: "TSEnumDeclaration, TSParameterProperty",
    message: "Only syntax that erases to JavaScript: use a union, or a field.",
  },
  { selector: "ExportAllDeclaration", message: "Name each export: what is public is decided, not inherited." },
  { selector: "ExportDefaultDeclaration", message: "Use a named export." },
];

/** Ways to read the clock through `Date`. A check with `instanceof Date`, or `new Date(value)`, reads nothing. */
const dateReads = [
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: portsOnly },
  { selector: "CallExpression[callee.name='Date']", message: portsOnly },
];

const pureRules = {
  "no-restricted-globals": ["error", ...outsideWorld.map((name) => ({ name, message: portsOnly }))],
  "no-restricted-properties": [
    "error",
    { object: "Date", property: "now", message: portsOnly },
    { object: "Math", property: "random", message: portsOnly },
    ...outsideWorld.map((property) => ({ object: "globalThis", property, message: portsOnly })),
  ],
  "no-restricted-imports": [
    "error",
    { patterns: [{ regex: "^[^.]", message: "This code has no dependency: only relative imports are allowed." }] },
  ],
  "no-restricted-syntax": ["error", ...restrictedForms, ...dateReads],
};

const isolateRules = {
  "no-restricted-imports": [
    "error",
    {
      patterns: [
        { regex: "^(?!\\.|convex/)", message: "Only relative imports and `convex/*` run in Convex isolates." },
      ],
    },
  ],
};

/** Size and form of library code; tests and tools may be longer. */
const sourceRules = {
  "@typescript-eslint/explicit-module-boundary-types": "error",
  "max-lines": ["error", { max: 300 }],
  "max-lines-per-function": ["error", { max: 60 }],
  "no-restricted-syntax": ["error", ...restrictedForms],
};

const sharedRules = {
  "@typescript-eslint/consistent-type-imports": "error",
  // `return void f()` and `return f()` leave a function early: a matter of taste, not of safety.
  "@typescript-eslint/no-confusing-void-expression": "off",
  "@typescript-eslint/no-meaningless-void-operator": "off",
  // Where a string is spread, its code points are what is wanted.
  "@typescript-eslint/no-misused-spread": "off",
  "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
  // What a user's code threw is thrown on as it is, whatever it is.
  "@typescript-eslint/only-throw-error": ["error", { allowThrowingUnknown: true, allowRethrowing: true }],
  "@typescript-eslint/prefer-promise-reject-errors": ["error", { allowThrowingUnknown: true }],
  "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
  // Callers may be plain JavaScript and Convex runtimes differ by version: checks that types call needless are needed.
  "@typescript-eslint/no-unnecessary-condition": "off",
  "@typescript-eslint/no-unnecessary-type-conversion": "off",
  // Convex handlers and test doubles have to be async without awaiting.
  "@typescript-eslint/require-await": "off",
  eqeqeq: ["error", "always", { null: "ignore" }],
  "import-x/no-cycle": ["error", { ignoreExternal: true }],
  "import-x/no-restricted-paths": ["error", { basePath: import.meta.dirname, zones }],
  "no-warning-comments": ["error", { terms: ["todo", "fixme", "xxx"] }],
};

/** Tests look at foreign and malformed data on purpose. */
const testRules = {
  "@typescript-eslint/no-empty-function": "off",
  "@typescript-eslint/no-non-null-assertion": "off",
  "@typescript-eslint/no-unsafe-argument": "off",
  "@typescript-eslint/no-unsafe-assignment": "off",
  "@typescript-eslint/no-unsafe-call": "off",
  "@typescript-eslint/no-unsafe-member-access": "off",
  "@typescript-eslint/no-unsafe-return": "off",
  "@typescript-eslint/only-throw-error": "off",
  "@typescript-eslint/prefer-promise-reject-errors": "off",
  "@typescript-eslint/unbound-method": "off",
};

export default defineConfig(
  globalIgnores(["dist", "coverage", ".cache", "**/_generated", "test/**/fixtures"]),
  { linterOptions: { noInlineConfig: true } },
  {
    files: ["**/*.ts", "**/*.tsx"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { "import-x": importX },
    settings: {
      "import-x/extensions": [".ts", ".tsx", ".js"],
      "import-x/parsers": { "@typescript-eslint/parser": [".ts", ".tsx"] },
      "import-x/resolver-next": [
        createNodeResolver({ extensions: [".ts", ".tsx", ".js"], extensionAlias: { ".js": [".ts", ".tsx", ".js"] } }),
      ],
    },
    rules: sharedRules,
  },
  { files: ["src/**/*.ts"], rules: sourceRules },
  {
    // Convex reads the default exports of these, and builders are typed by what they are given.
    files: ["src/component/**/*.ts"],
    rules: {
      "@typescript-eslint/explicit-module-boundary-types": "off",
      "no-restricted-syntax": [
        "error",
        ...restrictedForms.filter(({ selector }) => selector !== "ExportDefaultDeclaration"),
      ],
    },
  },
  { files: isolateFiles, rules: isolateRules },
  { files: pureFiles, rules: pureRules },
  { files: ["test/**/*.ts", "bench/**/*.ts", "examples/**/*.ts"], rules: testRules },
  {
    files: ["**/*.js", "**/*.mjs"],
    extends: [tseslint.configs.recommended],
    languageOptions: { globals: { console: "readonly", process: "readonly" } },
  },
);

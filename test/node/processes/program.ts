/** A server process under test: sets up tracing, ends a span that then waits, and does what its first argument says. */
import { startSpan } from "../../../src/index.js";
import { registerNode } from "../../../src/node/index.js";
import { otlp } from "../../../src/otlp/index.js";

const [, , scene, endpoint = ""] = process.argv;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

registerNode({
  exporter: otlp({ endpoint, timeoutMs: 30_000 }),
  exitTimeoutMs: 400,
  diagnostics: ({ code }) => say(code),
});
startSpan("last").end();

/** Keeps the process alive, as a server that listens does. */
const listening = () => setInterval(() => undefined, 60_000);

const SCENES: Readonly<Record<string, () => void>> = {
  /** Ends by itself. */
  ends: () => undefined,
  endsWithCode: () => {
    process.exitCode = 3;
  },
  /** Runs until it is told to end. */
  listens: () => {
    listening();
    say("ready");
  },
  /** Has a handler of its own, for one call, that closes down in an orderly way. */
  closesDown: () => {
    const server = listening();
    process.once("SIGTERM", () => {
      say("closing");
      setTimeout(() => {
        clearInterval(server);
        say("closed");
      }, 50);
    });
    say("ready");
  },
  /** Set up twice, as where two modules do it. */
  twice: () => {
    registerNode({ exporter: otlp({ endpoint }), diagnostics: ({ code }) => say(code) });
    listening();
    say(
      `${process.listenerCount("SIGTERM")} ${process.listenerCount("SIGINT")} ${process.listenerCount("beforeExit")}`,
    );
    say("ready");
  },
  /** Has tools that end the process by the signal themselves, while they are alone, as the package signal-exit does. */
  hasTools: () => {
    listening();
    const emitter = { count: 1 };
    Reflect.set(globalThis, Symbol.for("signal-exit emitter"), emitter);
    const cleanUp = (): void => {
      if (process.listenerCount("SIGTERM") !== emitter.count) return;
      process.removeListener("SIGTERM", cleanUp);
      say("cleaned up");
      process.kill(process.pid, "SIGTERM");
    };
    process.on("SIGTERM", cleanUp);
    say("ready");
  },
};

SCENES[scene ?? ""]?.();

/**
 * The content of model calls in spans of other libraries: prompts, answers, arguments and results of tools, headers. It is
 * left out unless the app says otherwise, as arguments and results of functions are.
 */
import type { AiContent } from "../../../core/ports.js";
import type { InstrumentConfig } from "./options.js";
import { convexEnv } from "./surroundings.js";

/** What the option says, else the variable that OpenTelemetry's instrumentations of model libraries read. */
export function aiContentOf({ options }: InstrumentConfig): AiContent {
  if (options.aiContent !== undefined) return options.aiContent;
  const variable = convexEnv("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT") ?? "";
  return /^(true|span_only|span_and_event)$/i.test(variable) ? "record" : "omit";
}

/**
 * Names of attributes that hold content: those of the AI SDK (5 and 6), of the semantic conventions for generative AI, now
 * and before, and of OpenLLMetry, OpenInference and Langfuse. Each with whatever follows a dot.
 */
const CONTENT = new RegExp(
  "^(" +
    "ai\\.(prompt|result|values?|embeddings?|documents|ranking|request\\.headers|toolCall\\.(args|result)" +
    "|response\\.(text|object|toolCalls|reasoning|files|providerMetadata))" +
    "|gen_ai\\.(prompt|completion|system_instructions|(in|out)put\\.messages|event\\.content" +
    "|tool\\.(definitions|call\\.(arguments|result))|retrieval\\.(documents|query\\.text)|evaluation\\.explanation)" +
    "|llm\\.(prompts?|completions?|prompt_template|(in|out)put_messages|function_call|tools)" +
    "|(in|out)put\\.value|retrieval\\.documents|reranker\\.(query|(in|out)put_documents)|embedding\\.(text|embeddings)|tool\\.parameters" +
    "|(traceloop\\.entity|langfuse\\.(trace|observation))\\.(in|out)put)($|\\.)",
);

/** Events that are a message each, whatever their attributes are called. */
const MESSAGE = /^gen_ai\.(choice|content\.|.+\.message$|client\.inference\.)/;

/** Whether an attribute of a span, or of an event (`event`: its name), is content. */
export function isAiContent(name: string, event = ""): boolean {
  return CONTENT.test(name) || MESSAGE.test(event);
}

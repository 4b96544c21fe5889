/** `TracerProvider` of `@opentelemetry/api`, whose tracers record into the running call, whichever that is. */
import { isCallSpan } from "../../../core/callSpan.js";
import { activeContext } from "../../../core/context.js";
import { nonRecordingSpan } from "../../../core/nonRecordingSpan.js";
import { type OtelContext, SPAN_KEY } from "../../../core/otelGlobal.js";
import type { Attributes, InstrumentationScope, Link, Span, TimeInput } from "../../../core/types.js";
import { activeOtelContext, parentIn, spanIn, withOtelContext } from "./otelContexts.js";
import { admitted, kindOf, ownLinks, otelSpan, timeOf } from "./otelSpan.js";

/** `SpanOptions` of the API. */
interface OtelSpanOptions {
  readonly kind?: number;
  readonly attributes?: Attributes;
  readonly links?: readonly Link[];
  readonly startTime?: TimeInput;
  readonly root?: boolean;
}

/** `Tracer` of the API. */
export interface OtelTracer {
  startSpan(name: string, options?: OtelSpanOptions, context?: OtelContext): Span;
  /** Last comes the function to run; options and context may come before. */
  startActiveSpan(name: string, ...rest: readonly unknown[]): unknown;
}

/** `TracerProvider` of the API. */
export interface OtelTracers {
  getTracer(name: string, version?: string, options?: { readonly schemaUrl?: string }): OtelTracer;
}

/** The provider. */
export function otelTracers(): OtelTracers {
  return {
    getTracer(name, version, options) {
      const { schemaUrl } = options ?? {};
      return tracer({ name, ...(version ? { version } : {}), ...(schemaUrl ? { schemaUrl } : {}) });
    },
  };
}

function tracer(scope: InstrumentationScope): OtelTracer {
  return {
    startSpan: (name, options, context = activeOtelContext()) => start(scope, name, options ?? {}, context),
    startActiveSpan(name, ...rest) {
      const fn = rest.at(-1);
      if (typeof fn !== "function") return undefined;
      const [options, context] = rest.slice(0, -1) as [OtelSpanOptions?, OtelContext?];
      const parent = context ?? activeOtelContext();
      const span = start(scope, name, options ?? {}, parent);
      return withOtelContext(parent.setValue(SPAN_KEY, span), () => Reflect.apply(fn, undefined, [span]) as unknown);
    },
  };
}

/** Starts a span. Outside of a call, and where tracing is suppressed, it records nothing. */
function start(scope: InstrumentationScope, name: string, options: OtelSpanOptions, context: OtelContext): Span {
  const current = activeContext();
  const own = options.root === true ? current?.span && current.call.entry : current && parentIn(context, current);
  if (current === undefined || own === undefined) return nonRecordingSpan();
  const links = linksOf(options, context);
  const startTime = timeOf(options.startTime);
  const span = own.startChild(name, {
    kind: kindOf(options.kind),
    attributes: admitted(options.attributes, current.call),
    links: ownLinks(links, current.call),
    scope,
    ...(startTime === undefined ? {} : { startTime }),
  });
  return otelSpan(span, current.call);
}

/** The links given, and one to a parent of somebody else's: that may be no span that anybody exports. */
function linksOf({ links = [], root }: OtelSpanOptions, context: OtelContext): readonly Link[] {
  const given = root === true ? undefined : spanIn(context);
  return given === undefined || isCallSpan(given) ? links : [...links, { context: given.spanContext() }];
}

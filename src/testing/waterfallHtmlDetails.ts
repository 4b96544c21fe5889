/** What a span says when it is opened: attributes, events, links, ids. */
import type { Attributes, AttributeValue, EventRecord, LinkRecord, SpanRecord } from "../core/types.js";
import { html, type Html } from "./html.js";
import { spanKey } from "./spanForest.js";
import { durationText, oneLine, valueText } from "./spanText.js";
import { anchor, type HtmlSheet } from "./waterfallHtmlSheet.js";

/** All of it, apart from what the line says. */
export function htmlDetails(span: SpanRecord, sheet: HtmlSheet): Html {
  const { message } = span.status;
  return html`<div class="details">
    ${message === undefined || message === "" ? "" : html`<p class="message">${message}</p>`}${table("attributes", span.attributes)}${span.events.map((event) => eventBlock(event, span))}${linkList(span.links, sheet)}${table("span", identity(span, sheet))}
  </div>`;
}

function identity(span: SpanRecord, sheet: HtmlSheet): Attributes {
  const { name, version } = span.scope ?? {};
  return {
    "span id": span.spanId,
    "parent id": span.parentSpanId,
    "starts after": durationText(span.startTime - sheet.start),
    duration: durationText(span.endTime - span.startTime),
    scope: name === undefined ? undefined : [name, version].filter((part) => part !== undefined).join(" "),
    dropped: dropped(span),
  };
}

function dropped(span: SpanRecord): string | undefined {
  const counts = [
    [span.droppedAttributesCount, "attributes"],
    [span.droppedEventsCount, "events"],
    [span.droppedLinksCount, "links"],
  ] as const;
  const texts = counts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  return texts.length === 0 ? undefined : texts.join(", ");
}

function table(caption: string, attributes: Attributes): Html | string {
  const rows = Object.entries(attributes).flatMap(([name, value]) =>
    value === undefined ? [] : [attributeRow(name, value)],
  );
  return rows.length === 0
    ? ""
    : html`<table>
        <caption>
          ${caption}
        </caption>
        <tbody>
          ${rows}
        </tbody>
      </table>`;
}

function attributeRow(name: string, value: AttributeValue): Html {
  // Texts as they are, with their line breaks; what is no text is written as JSON would.
  const text = typeof value === "string" ? value : valueText(value);
  return html`<tr>
    <th scope="row"><bdi>${oneLine(name)}</bdi></th>
    <td><bdi>${text}</bdi></td>
  </tr>`;
}

function eventBlock(event: EventRecord, span: SpanRecord): Html {
  const caption = `event ${oneLine(event.name)}, after ${durationText(Math.max(0, event.time - span.startTime))}`;
  return html`${table(caption, event.attributes)}${Object.keys(event.attributes).length === 0 ? html`<p>${caption}</p>` : ""}`;
}

function linkList(links: readonly LinkRecord[], { names }: HtmlSheet): Html | string {
  if (links.length === 0) return "";
  const items = links.map(({ context, attributes }) => {
    const name = names.get(spanKey(context.traceId, context.spanId));
    const text = `${context.traceId}/${context.spanId}`;
    const target =
      name === undefined ? html`<code>${text}</code>` : html`<a href="#s-${anchor(context)}"><bdi>${name}</bdi></a>`;
    return html`<li>link to ${target}${table("attributes of the link", attributes)}</li>`;
  });
  return html`<ul class="links">
    ${items}
  </ul>`;
}

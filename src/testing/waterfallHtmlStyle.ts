/** The style of the page: two themes, and two layouts, for wide windows and for telephones. */
export const WATERFALL_STYLE = `
:root {
  color-scheme: light dark;
  --paper: #ffffff; --ink: #1c2128; --faint: #636c76; --line: #e3e7ec; --stripe: #f6f8fa; --hover: #eef3f9;
  --internal: #7d8794; --server: #2f6fde; --client: #0f8f9c; --producer: #9250d8; --consumer: #2c8a4b; --error: #c9302c;
  --good: #1f7a3f; --bad: #9a6200; --old: #7a4fb5; --chip: #eceff3;
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14181d; --ink: #e6eaef; --faint: #98a2ae; --line: #2b323b; --stripe: #191e24; --hover: #212934;
    --internal: #8791a0; --server: #6ea3ff; --client: #43c3cf; --producer: #c193f7; --consumer: #62c283; --error: #ff7b72;
    --good: #6fd08f; --bad: #e3b341; --old: #c9a2ff; --chip: #2a313a;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem clamp(.75rem, 2.5vw, 2.5rem) 4rem; max-width: 1800px; background: var(--paper); color: var(--ink); font: 14px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
h1 { margin: 0; font-size: 1.35rem; font-weight: 650; line-height: 1.25; overflow-wrap: anywhere; }
header p { margin: .25rem 0 0; color: var(--faint); }
section { margin-top: 1.25rem; }
section + section { margin-top: 3rem; padding-top: 1.25rem; border-top: 1px solid var(--line); }
.facts { display: flex; flex-wrap: wrap; gap: .35rem 1.75rem; margin: 0 0 .75rem; }
.facts dt { color: var(--faint); font-size: 12px; }
.facts dd { margin: 0; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.facts .id dd { font: 13px/1.5 var(--mono); }
.facts .errors dd { color: var(--error); font-weight: 650; }
.tools { display: flex; flex-wrap: wrap; gap: .4rem; margin: 0 0 .75rem; }
button { font: inherit; color: inherit; cursor: pointer; }
.tools button { padding: .1rem .6rem; border: 1px solid var(--line); border-radius: 6px; background: var(--stripe); font-size: 12.5px; }
.tools button:hover { background: var(--hover); }
:focus-visible { outline: 2px solid var(--server); outline-offset: -2px; border-radius: 4px; }
.row { display: grid; grid-template-columns: minmax(0, 42fr) 72px 60px minmax(0, 58fr); column-gap: 14px; align-items: center; min-height: 28px; padding: 2px .5rem; }
.head { position: sticky; top: 0; z-index: 2; background: var(--paper); border-bottom: 1px solid var(--line); color: var(--faint); font-size: 12px; }
.spans { list-style: none; margin: 0; padding: 0; }
.span { scroll-margin-top: 40px; border-bottom: 1px solid color-mix(in srgb, var(--line) 55%, transparent); }
.span[hidden] { display: none; }
.k-internal { --tone: var(--internal); } .k-server { --tone: var(--server); } .k-client { --tone: var(--client); }
.k-producer { --tone: var(--producer); } .k-consumer { --tone: var(--consumer); } .span.error { --tone: var(--error); }
summary { list-style: none; cursor: pointer; }
summary::-webkit-details-marker { display: none; }
summary:hover { background: var(--hover); }
details[open] > summary { background: var(--stripe); }
.name { position: relative; min-width: 0; padding-left: calc(min(var(--depth, 0), 24) * 13px + 20px); overflow-wrap: anywhere; }
.head .name { padding-left: 20px; }
.span .name::before { content: ""; position: absolute; inset: -6px auto -6px 0; width: calc(min(var(--depth, 0), 24) * 13px); background: repeating-linear-gradient(to right, transparent 0 9px, var(--line) 9px 10px, transparent 10px 13px); pointer-events: none; }
.fold, .leaf { position: absolute; left: calc(min(var(--depth, 0), 24) * 13px); top: 0; width: 20px; height: 20px; padding: 0; border: 0; background: none; }
.fold::before { content: ""; position: absolute; left: 5px; top: 7px; border: 4.5px solid transparent; border-top-color: var(--faint); }
.folded .fold::before { left: 7px; top: 5px; border-color: transparent; border-left-color: var(--ink); }
.leaf::before { content: ""; position: absolute; left: 7px; top: 8px; width: 5px; height: 5px; border-radius: 50%; background: var(--tone); opacity: .75; }
.error .label { color: var(--error); }
.summary { color: var(--faint); font: 12.5px/1.4 var(--mono); }
.chip { display: inline-block; padding: 0 .45em; border-radius: 999px; background: var(--chip); color: var(--faint); font-size: 11.5px; line-height: 1.6; white-space: nowrap; max-width: 100%; overflow: hidden; text-overflow: ellipsis; vertical-align: text-bottom; }
.chip.request { background: color-mix(in srgb, var(--server) 16%, transparent); color: var(--server); font-weight: 600; }
.chip.c-HIT { background: color-mix(in srgb, var(--good) 15%, transparent); color: var(--good); }
.chip.c-MISS { background: color-mix(in srgb, var(--bad) 18%, transparent); color: var(--bad); }
.chip.c-STALE { background: color-mix(in srgb, var(--old) 17%, transparent); color: var(--old); }
.chip.failed { background: color-mix(in srgb, var(--error) 14%, transparent); color: var(--error); font-weight: 600; }
.kind { color: var(--tone, inherit); font-size: 12.5px; }
.time { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.track { position: relative; align-self: stretch; min-height: 20px; }
.bar { position: absolute; top: 50%; height: 12px; margin-top: -6px; min-width: 3px; border-radius: 3px; background: var(--tone); }
.tick { position: absolute; top: 50%; width: 2px; height: 18px; margin: -9px 0 0 -1px; background: var(--ink); opacity: .55; }
.cut { position: absolute; top: -3px; bottom: -3px; width: 0; border-left: 2px dotted var(--faint); opacity: .5; }
.axis { min-height: 20px; font-variant-numeric: tabular-nums; }
.mark { position: absolute; top: 1px; white-space: nowrap; }
.mark.end { right: 0; }
.details { padding: .35rem .5rem 1rem calc(min(var(--depth, 0), 24) * 13px + 28px); background: var(--stripe); border-left: 3px solid var(--tone); display: grid; gap: .75rem; justify-items: start; }
.details > * { max-width: 100%; }
.details p { margin: 0; }
.message { color: var(--error); white-space: pre-wrap; overflow-wrap: anywhere; }
table { border-collapse: collapse; font-size: 13px; }
caption { text-align: left; color: var(--faint); font-size: 12px; padding-bottom: .15rem; overflow-wrap: anywhere; }
th, td { padding: .12rem 1.25rem .12rem 0; vertical-align: top; text-align: left; font: 12.5px/1.5 var(--mono); overflow-wrap: anywhere; }
th { color: var(--faint); font-weight: 400; min-width: 9rem; max-width: 22rem; }
td { white-space: pre-wrap; }
.links { margin: 0; padding: 0; list-style: none; }
a { color: var(--server); }
code { font: 12.5px var(--mono); overflow-wrap: anywhere; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (max-width: 720px) {
  body { padding-top: 1rem; }
  .row { grid-template: "name time" auto "track track" 18px / minmax(0, 1fr) auto; row-gap: 3px; padding: 6px .25rem 7px; }
  .head.row { grid-template: "track" 20px / minmax(0, 1fr); padding-block: 2px; }
  .head > .name, .head > .kind, .head > .time, .span .kind { display: none; }
  .name { grid-area: name; padding-left: calc(min(var(--depth, 0), 12) * 9px + 20px); }
  .fold, .leaf { left: calc(min(var(--depth, 0), 12) * 9px); }
  .span .name::before { width: calc(min(var(--depth, 0), 12) * 9px); background: repeating-linear-gradient(to right, transparent 0 7px, var(--line) 7px 8px, transparent 8px 9px); }
  .time { grid-area: time; align-self: start; }
  .track { grid-area: track; background: color-mix(in srgb, var(--line) 45%, transparent); border-radius: 3px; }
  .axis { background: none; }
  .span .track { min-height: 12px; height: 12px; align-self: center; }
  .tick { height: 12px; margin-top: -6px; }
  .cut { top: 0; bottom: 0; }
  .details { padding-left: .75rem; }
  table, tbody, tr, th, td { display: block; }
  caption { display: block; }
  th { min-width: 0; max-width: none; padding-right: 0; }
  td { padding: 0 0 .35rem; }
}
@media print { .tools { display: none; } .head { position: static; } .span { break-inside: avoid; } }
@media (forced-colors: active) { .bar { background: CanvasText; } .error .bar { background: Mark; } }
`;

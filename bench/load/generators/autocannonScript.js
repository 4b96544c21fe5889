/** A process of its own: sends the requests of an order with autocannon, and keeps how long each answer took. */
import { readFileSync, writeFileSync } from "node:fs";
import { env } from "node:process";
import autocannon from "autocannon";

const { plan, url, key, endpoints, connections, seconds, perSecond } = JSON.parse(readFileSync(env.ORDER, "utf8"));

const times = Object.fromEntries(endpoints.map((kind) => [kind, []]));
let failed = 0;
let clients = 0;

/** Far from each other, and without a common divisor with the length of a plan. */
const STRIDE = 997;

/** Requests of a client, which sends them again and again: autocannon writes out all of them before it starts. */
const OWN_REQUESTS = 300;

/** Each client starts at a place of its own. Its n-th answer is that of its n-th request: it sends one after the other. */
function setupClient(client) {
  const first = (++clients * STRIDE) % plan.length;
  const own = [...plan.slice(first), ...plan.slice(0, first)].slice(0, OWN_REQUESTS);
  let answers = 0;
  client.setRequests(own.map(({ path }) => ({ path, method: "GET", headers: { "x-api-key": key } })));
  client.on("response", (status, _bytes, milliseconds) => {
    const { kind } = own[answers++ % own.length];
    times[kind].push(milliseconds);
    if (status >= 400) failed += 1;
  });
}

const { duration, errors } = await autocannon({
  url,
  connections,
  duration: seconds,
  overallRate: perSecond,
  setupClient,
});
writeFileSync(env.RESULT, JSON.stringify({ seconds: duration, errors: failed + errors, times }));

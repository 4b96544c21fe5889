/** For k6: each virtual user sends the requests of the plan one after the other, from a place of its own. */
import http from "k6/http";

const order = JSON.parse(open(__ENV.ORDER));
const { plan, url, key, endpoints, connections, seconds, perSecond } = order;

/** k6 keeps figures by tag only for what has a threshold; these always hold. */
const thresholds = Object.fromEntries(
  endpoints.flatMap((kind) => [
    [`http_req_duration{kind:${kind}}`, ["max>=0"]],
    [`http_reqs{kind:${kind}}`, ["count>=0"]],
  ]),
);

const executor =
  perSecond === undefined
    ? { executor: "constant-vus", vus: connections }
    : { executor: "constant-arrival-rate", rate: perSecond, preAllocatedVUs: connections, maxVUs: connections };

export const options = {
  // A request that is under way at the end is waited for, so that its spans are counted with it.
  scenarios: { load: { ...executor, duration: `${seconds}s`, gracefulStop: "10s" } },
  thresholds,
  discardResponseBodies: true,
  summaryTrendStats: ["p(50)", "p(95)", "p(99)"],
};

/** Far from each other, and without a common divisor with the length of a plan. */
const STRIDE = 997;

export default function send() {
  const { path, kind } = plan[(__VU * STRIDE + __ITER) % plan.length];
  http.get(url + path, { headers: { "x-api-key": key }, tags: { kind, name: kind } });
}

export function handleSummary(data) {
  return { [__ENV.RESULT]: JSON.stringify(data) };
}

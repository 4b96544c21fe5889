/** The HTTP actions of both. */
import { httpRouter } from "convex/server";
import * as jobs from "./jobs";
import * as outbox from "./outbox";

const http = httpRouter();
http.route({ path: "/jobs", method: "POST", handler: jobs.httpAction });
http.route({ path: "/outbox", method: "POST", handler: outbox.httpAction });

export default http;

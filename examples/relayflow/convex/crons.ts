/** What runs on its own. */
import { cronJobs } from "convex/server";
import { internal } from "./_generated/api";
import { traceCron } from "./otel";

const crons = cronJobs();

crons.interval("settle stalled tasks", { minutes: 10 }, internal.stalled.settleStalled, {});

// Lets each run say which job it belongs to.
export default traceCron(crons);

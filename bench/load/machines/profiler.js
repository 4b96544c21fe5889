/** Loaded into a server that is to be profiled: each SIGUSR2 starts a CPU profile, or writes the one that was started. */
import { writeFileSync } from "node:fs";
import { Session } from "node:inspector";
import { env } from "node:process";

const session = new Session();
session.connect();
session.post("Profiler.enable");
let isRunning = false;

process.on("SIGUSR2", () => {
  isRunning = !isRunning;
  if (isRunning) session.post("Profiler.start");
  else session.post("Profiler.stop", (_error, { profile }) => writeFileSync(env.PROFILE_FILE, JSON.stringify(profile)));
});

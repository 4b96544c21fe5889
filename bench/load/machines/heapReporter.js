/** Loaded into a server whose memory is watched: each SIGUSR2 collects garbage and writes what is left, in bytes. */
import { renameSync, writeFileSync } from "node:fs";
import process from "node:process";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");

process.on("SIGUSR2", () => {
  // What the first leaves to finalizers, the second takes.
  collect();
  collect();
  // Whole or not at all, for who waits for the file.
  writeFileSync(`${process.env.HEAP_FILE}.part`, JSON.stringify(process.memoryUsage()));
  renameSync(`${process.env.HEAP_FILE}.part`, process.env.HEAP_FILE);
});

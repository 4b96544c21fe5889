/** Builds the k6 that the load benchmark sends its requests with. */
import { buildGoTool } from "../buildGoTool.mjs";

const module = "go.k6.io/k6";
await buildGoTool({ name: "k6", folder: import.meta.dirname, module, command: module, expect: "two minutes" });

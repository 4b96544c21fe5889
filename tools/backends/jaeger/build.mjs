/** Builds the Jaeger that the end-to-end tests and the load benchmark send to. */
import { buildGoTool } from "../buildGoTool.mjs";

const module = "github.com/jaegertracing/jaeger";
const command = `${module}/cmd/jaeger`;
await buildGoTool({ name: "jaeger", folder: import.meta.dirname, module, command, expect: "four minutes" });

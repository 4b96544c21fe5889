/**
 * `npm start`: the API on `PORT` (8080). `DATABASE_URL` and `REDIS_URL` name servers to use; `PULSE_ROWS` says how many listings
 * there are; `PULSE_TRACING=off` runs it plain, to compare. Prints its address when it is ready.
 */
import { openServices } from "./openServices.js";
import { DEFAULT_ROWS, seed } from "./database/seed.js";
import { startServer } from "./startServer.js";
import { noTracing, startTracing } from "./tracing.js";

const { DATABASE_URL, REDIS_URL, PORT, PULSE_ROWS, PULSE_TRACING } = process.env;

const tracing = PULSE_TRACING === "off" ? noTracing : startTracing();
const services = await openServices({ databaseUrl: DATABASE_URL, redisUrl: REDIS_URL }, tracing);
await seed(services.database, Number(PULSE_ROWS ?? DEFAULT_ROWS), () => undefined);
const server = await startServer(services, tracing, Number(PORT ?? 8080));
console.log(`pulse-api listens on ${server.url}`);

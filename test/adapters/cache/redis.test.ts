import { afterAll, beforeAll, describe } from "vitest";
import { redisTests } from "./redisSuite.js";
import { type RespServer, startRespServer } from "./respServer.js";

describe("on a server that knows a few commands", () => {
  let server: RespServer;

  beforeAll(async () => {
    server = await startRespServer();
  });

  afterAll(async () => {
    await server.stop();
  });

  redisTests(() => server.port);
});

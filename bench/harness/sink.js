/** An endpoint that takes everything, in a process of its own: what it works must not count as the sender's. */
import { createServer } from "node:http";

/** As the Collector answers: an empty message. */
const ANSWER = { "content-type": "application/x-protobuf", "content-length": "0" };

const server = createServer((request, response) => {
  request.on("end", () => response.writeHead(200, ANSWER).end()).resume();
});
server.listen(0, "127.0.0.1", () => process.send?.(server.address().port));
process.on("disconnect", () => process.exit());

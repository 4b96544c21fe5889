/** Random numbers of a server, for ids. They are no secrets, and `Math.random` neither blocks nor allocates. */
import type { Random } from "../core/ports.js";

/** The random numbers of this process. */
export const random: Random = { uint32: () => Math.floor(Math.random() * 2 ** 32) };

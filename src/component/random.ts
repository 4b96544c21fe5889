/** Random numbers of the call that runs. */
import type { Random } from "../core/ports.js";

export const random: Random = { uint32: () => Math.floor(Math.random() * 2 ** 32) };

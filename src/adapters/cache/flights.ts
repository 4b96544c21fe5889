/**
 * Loads under way: one for each key of a store, in the whole process. Whoever needs the value meanwhile waits for it.
 *
 * A removal of the key while its value is being loaded grounds the flight: who came before gets the value, but it is not
 * stored, and who comes after waits for the end of that load and then starts another one.
 */
import type { Span } from "../../core/types.js";
import { cacheState } from "./state.js";

/** A load under way. */
export interface Flight {
  /** Settles when the load has ended and its value is stored. */
  readonly value: Promise<unknown>;
  /** `need`: somebody has no value until it lands. `refresh`: there is one that may still be used. */
  readonly purpose: "need" | "refresh";
  /** The key was removed after it began. */
  isGrounded: boolean;
  /** The span that records it, for those who wait. */
  span?: Span | undefined;
}

/** The flights of a store. */
export class Flights {
  readonly #byKey: Map<string, Flight>;

  constructor(store: object) {
    const { flights } = cacheState();
    let byKey = flights.get(store);
    if (byKey === undefined) flights.set(store, (byKey = new Map<string, Flight>()));
    this.#byKey = byKey;
  }

  get(key: string): Flight | undefined {
    return this.#byKey.get(key);
  }

  /** Starts a flight. There must be none of that key. `run` is called at once. */
  start(key: string, purpose: Flight["purpose"], run: (flight: Flight) => Promise<unknown>): Flight {
    let land: (value: unknown) => void = () => undefined;
    let crash: (thrown: unknown) => void = () => undefined;
    const value = new Promise<unknown>((resolve, reject) => {
      land = resolve;
      crash = reject;
    });
    const flight: Flight = { value, purpose, isGrounded: false };
    this.#byKey.set(key, flight);
    // Removed before anybody learns the outcome: who asks again after that must not find it.
    const ending = (tell: (outcome: unknown) => void) => (outcome: unknown) => {
      this.#byKey.delete(key);
      tell(outcome);
    };
    run(flight).then(ending(land), ending(crash));
    return flight;
  }

  /** The value of the key under way must not be stored any more. */
  ground(key: string): void {
    const flight = this.#byKey.get(key);
    if (flight !== undefined) flight.isGrounded = true;
  }
}

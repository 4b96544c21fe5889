/**
 * A context of `@opentelemetry/api` that costs what it is used for: the API's own copies all values, and makes three
 * functions, for every value that is set, which happens several times in each request and twice in each span. Here a value
 * is laid on top of what was there before.
 */
import type { OtelContext } from "./otelGlobal.js";

/** Values on top of another context, such as the API's root, whose own values cannot be listed. */
export class LayeredContext implements OtelContext {
  readonly #layer: Layer | undefined;
  readonly #base: OtelContext | undefined;

  private constructor(layer: Layer | undefined, base: OtelContext | undefined) {
    this.#layer = layer;
    this.#base = base;
  }

  /** The context itself where it is one of these, else one on top of it; an empty one on top of nothing. */
  static on(base: OtelContext | undefined): LayeredContext {
    return base instanceof LayeredContext ? base : new LayeredContext(undefined, base);
  }

  getValue(key: symbol): unknown {
    const layer = layerOf(key, this.#layer);
    return layer === undefined ? this.#base?.getValue(key) : layer.value;
  }

  setValue(key: symbol, value: unknown): LayeredContext {
    return new LayeredContext({ key, value, below: without(key, this.#layer) }, this.#base);
  }

  deleteValue(key: symbol): LayeredContext {
    // A value of the base can only be covered.
    if (this.#base !== undefined && this.#base.getValue(key) !== undefined) return this.setValue(key, undefined);
    const rest = without(key, this.#layer);
    return rest === this.#layer ? this : new LayeredContext(rest, this.#base);
  }
}

/** One value. No key has two of them, so that there are never more than keys, however often values are set. */
interface Layer {
  readonly key: symbol;
  readonly value: unknown;
  readonly below: Layer | undefined;
}

function layerOf(key: symbol, top: Layer | undefined): Layer | undefined {
  let layer = top;
  while (layer !== undefined && layer.key !== key) layer = layer.below;
  return layer;
}

/** The layers but that of a key: as a rule its layer is on top, or there is none. */
function without(key: symbol, top: Layer | undefined): Layer | undefined {
  const found = layerOf(key, top);
  if (found === undefined) return top;
  let rest = found.below;
  for (const { key: other, value } of above(found, top)) rest = { key: other, value, below: rest };
  return rest;
}

/** The layers above one, from below. */
function above(found: Layer, top: Layer | undefined): Layer[] {
  const layers: Layer[] = [];
  for (let layer = top; layer !== undefined && layer !== found; layer = layer.below) layers.push(layer);
  return layers.reverse();
}

/** The resource of spans, in the forms in which it comes and is asked for. */
import type { Attributes as SdkAttributes } from "@opentelemetry/api";
import type { Resource as SdkResource } from "@opentelemetry/resources";
import type { Resource } from "../core/types.js";
import { sdkAttributes } from "./sdkValue.js";

/** A resource of this library, or one of the SDK, which may still be finding things out. */
export type ResourceSource = Resource | SdkResource;

/** The same, when all is known of it. */
export async function settledResource(resource: ResourceSource): Promise<ResourceSource> {
  if (isPending(resource)) await (resource as SdkResource).waitForAsyncAttributes?.();
  return resource;
}

/** Whether not all is known of it yet. */
export function isPending(resource: ResourceSource): boolean {
  return "asyncAttributesPending" in resource && Boolean(resource.asyncAttributesPending);
}

/** A resource with the methods of the SDK's: to make one, a package would have to be installed for that alone. */
export function sdkResource(resource: ResourceSource): SdkResource {
  return "getRawAttributes" in resource ? resource : resourceOf(sdkAttributes(resource.attributes));
}

function resourceOf(attributes: SdkAttributes): SdkResource {
  return {
    attributes,
    getRawAttributes: () => Object.entries(attributes),
    merge: (other) => resourceOf({ ...attributes, ...other?.attributes }),
  };
}

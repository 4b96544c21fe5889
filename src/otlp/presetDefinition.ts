/**
 * What a preset is: a vendor as data. Everything that acts on it is the same for all vendors.
 */
import type { Env } from "../core/ports.js";
import { readEnv } from "./envReader.js";

/** A value that a preset needs from code or environment: a key, a dataset, the address of an account. */
export interface Credential {
  /** The variable it is read from where code does not give it. */
  readonly env: string;
  /** Without a required one the exporter is not configured. */
  readonly required: boolean;
}

/** Credentials that were found. */
export type CredentialValues<Name extends string> = { readonly [K in Name]?: string };

/** A vendor as data. */
export interface PresetDefinition<Name extends string> {
  /** Name of the preset function, for messages. */
  readonly name: string;
  readonly credentials: Readonly<Record<Name, Credential>>;
  /** The address for traces; absent or undefined if only the user can know it. */
  readonly url?: (values: CredentialValues<Name>) => string | undefined;
  /** Further addresses of the vendor that may get its headers, if a variable names them. */
  readonly trustedUrls?: readonly string[];
  /** Headers made of what was found; an undefined one is left out. */
  readonly headers?: (values: CredentialValues<Name>) => Readonly<Record<string, string | undefined>>;
  /** Bytes of one request. @defaultValue 900,000 */
  readonly maxRequestBytes?: number;
  /** Options of the preset besides its credentials and the common ones. */
  readonly extraOptions?: readonly string[];
}

/** @internal What code gives, and where it gives nothing, what the environment has. */
export function readCredentials<Name extends string>(
  definition: PresetDefinition<Name>,
  code: CredentialValues<Name>,
  env: Env,
): CredentialValues<Name> {
  const values: { [K in Name]?: string } = {};
  for (const name of credentialNames(definition)) {
    const value = code[name] ?? readEnv(env, definition.credentials[name].env);
    if (value !== undefined) values[name] = value;
  }
  return values;
}

/** @internal Whether nothing that the preset cannot do without is missing. */
export function hasRequired<Name extends string>(
  definition: PresetDefinition<Name>,
  values: CredentialValues<Name>,
): boolean {
  return credentialNames(definition).every(
    (name) => !definition.credentials[name].required || values[name] !== undefined,
  );
}

/** @internal The names of the credentials, as the type has them. */
export function credentialNames<Name extends string>(definition: PresetDefinition<Name>): readonly Name[] {
  const names: Name[] = [];
  for (const name in definition.credentials) names.push(name);
  return names;
}

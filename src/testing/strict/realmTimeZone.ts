/**
 * Local time in a realm is UTC, as on a deployment (`initialize_v8` in `crates/isolate/src/client.rs` of get-convex/convex-backend
 * sets the time zone), whatever the zone of the machine. The zone itself belongs to the process, so it is not changed; what depends
 * on it is replaced.
 */

let known: { readonly zone: string | undefined; readonly isOutside: boolean } | undefined;

/** Whether the machine is somewhere else. The zone can change while a process runs; to ask for it takes half a millisecond. */
export function isOutsideUtc(): boolean {
  const zone = process.env["TZ"];
  if (known === undefined || known.zone !== zone) {
    const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
    known = { zone, isOutside: !["UTC", "Etc/UTC"].includes(timeZone) };
  }
  return known.isOutside;
}

/** Part of the realm's script, after `OriginalDate` is known. Texts are read as local time unless they name a zone, or are an ISO date alone. */
export const TIME_ZONE = `
  if (options.outsideUtc) {
    const prototype = OriginalDate.prototype;
    for (const part of ["FullYear", "Month", "Date", "Day", "Hours", "Minutes", "Seconds", "Milliseconds"]) {
      prototype["get" + part] = prototype["getUTC" + part];
      if (part !== "Day") prototype["set" + part] = prototype["setUTC" + part];
    }
    const { toUTCString, getTimezoneOffset } = prototype;
    const words = (date) => toUTCString.call(date).replace(",", "").split(" ");
    const isInvalid = (date) => Number.isNaN(date.getTime());
    prototype.getTimezoneOffset = function () { return isInvalid(this) ? NaN : 0; };
    prototype.getYear = function () { return this.getUTCFullYear() - 1900; };
    prototype.toDateString = function () {
      const [weekday, day, month, year] = words(this);
      return isInvalid(this) ? "Invalid Date" : [weekday, month, day, year].join(" ");
    };
    prototype.toTimeString = function () {
      return isInvalid(this) ? "Invalid Date" : words(this)[4] + " GMT+0000 (Coordinated Universal Time)";
    };
    prototype.toString = function () {
      return isInvalid(this) ? "Invalid Date" : this.toDateString() + " " + this.toTimeString();
    };
    const inUtc = (given) => ({ ...given, timeZone: given?.timeZone ?? "UTC" });
    for (const name of ["toLocaleString", "toLocaleDateString", "toLocaleTimeString"]) {
      const original = prototype[name];
      prototype[name] = function (locales, given) { return original.call(this, locales, inUtc(given)); };
    }
    const OriginalFormat = Intl.DateTimeFormat;
    const Format = function DateTimeFormat(locales, given) { return new OriginalFormat(locales, inUtc(given)); };
    Format.prototype = OriginalFormat.prototype;
    Format.prototype.constructor = Format;
    Format.supportedLocalesOf = OriginalFormat.supportedLocalesOf;
    Intl.DateTimeFormat = Format;
    const hasZone = /(Z|GMT|UTC|[A-Z]{2}T|[+-]\\d{2}:?\\d{2})\\s*(\\(.*\\))?\\s*$/i;
    const isIsoDate = /^[+-]?\\d{4,6}(-\\d{2}(-\\d{2})?)?$/;
    parse = (text) => {
      const at = OriginalDate.parse(text);
      const isLocal = !Number.isNaN(at) && !hasZone.test(text) && !isIsoDate.test(text);
      return isLocal ? at - getTimezoneOffset.call(new OriginalDate(at)) * 60_000 : at;
    };
    construct = (args) => {
      if (args.length > 1) return new OriginalDate(OriginalDate.UTC(...args));
      return new OriginalDate(typeof args[0] === "string" ? parse(args[0]) : args[0]);
    };
  }
`;

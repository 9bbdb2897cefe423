import { parseAddress } from "../ip-network.ts";
import { asGoUrl } from "../go-url.ts";
import { parseLayout } from "../go-layout-parse.ts";
import { compileRegex, isRegexFailure } from "../regex.ts";
import { BuiltinFailure } from "../../run/builtin.ts";
import { isMailAddress } from "./mail-address.ts";

/** Whether a text has a format; one that isn't known never fails. */
export function hasFormat(format: string, text: string): boolean {
  return FORMATS.get(format)?.(text) ?? true;
}

const DATE = "2006-01-02";
const TIME = "15:04:05";
const ZONED_TIME = "15:04:05Z07:00";
const DATE_TIME = "2006-01-02T15:04:05Z07:00";

const LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?";
const HOSTNAME = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`);
const HOSTNAME_BYTES_MAX = 255;
const URI_TEMPLATE = /^(?:[^{]|\{[^}]*\})*$/;
const UUID = /^[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}$/i;
const POINTER = /^(?:\/(?:[^~/]|~[01])*)*$/;
const RELATIVE_POINTER = /^(?:0|[1-9][0-9]*)(?:#|(?:\/(?:[^~/]|~[01])*)*)$/;

const FORMATS: ReadonlyMap<string, (text: string) => boolean> = new Map([
  ["date", (text) => isTime(text, DATE)],
  ["time", (text) => isTime(text, ZONED_TIME, TIME)],
  ["date-time", (text) => isTime(text, TIME, ZONED_TIME, DATE, DATE_TIME)],
  ["hostname", (text) => text.length <= HOSTNAME_BYTES_MAX && HOSTNAME.test(text)],
  ["email", isMailAddress],
  ["idn-email", isMailAddress],
  ["ipv4", (text) => text.includes(".") && parseAddress(text) !== undefined],
  ["ipv6", (text) => text.includes(":") && parseAddress(text) !== undefined],
  ["uri", isUri],
  ["iri", isUri],
  ["uri-reference", isUriReference],
  ["iri-reference", isUriReference],
  ["uri-template", (text) => isUriReference(text) && URI_TEMPLATE.test(asGoUrl(text)?.path ?? "")],
  ["uuid", (text) => UUID.test(text)],
  ["regex", isRegex],
  ["json-pointer", (text) => POINTER.test(text)],
  ["relative-json-pointer", (text) => RELATIVE_POINTER.test(text)],
]);

function isTime(text: string, ...layouts: readonly string[]): boolean {
  return layouts.some((layout) => {
    try {
      parseLayout(layout, text);
      return true;
    } catch (reason) {
      if (!(reason instanceof BuiltinFailure)) throw reason;
      return false;
    }
  });
}

function isUri(text: string): boolean {
  return isUriReference(text) && asGoUrl(text)?.scheme !== "";
}

function isUriReference(text: string): boolean {
  return !text.includes("\\") && asGoUrl(text) !== undefined;
}

function isRegex(text: string): boolean {
  try {
    compileRegex(text);
    return true;
  } catch (reason) {
    if (!isRegexFailure(reason)) throw reason;
    return false;
  }
}

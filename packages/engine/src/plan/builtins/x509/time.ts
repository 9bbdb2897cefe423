import { fails } from "../operands.ts";
import { TAG, type Der } from "./der.ts";

/** A moment as a certificate has it. */
export interface CertificateTime {
  readonly unixMs: number;
  /** RFC 3339, in the offset it was written in. */
  readonly text: string;
}

const UTC = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?(Z|[+-]\d{4})$/;
const GENERALIZED = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(Z|[+-]\d{4})$/;

export function parseTime(reader: Der): CertificateTime {
  const isUtc = reader.isNext(TAG.utcTime);
  if (!isUtc && !reader.isNext(TAG.generalizedTime)) return fails("x509: unsupported time format");
  const { contents } = reader.any("malformed time");
  const match = (isUtc ? UTC : GENERALIZED).exec(contents.toString("latin1"));
  if (match === null) return fails(`x509: malformed ${isUtc ? "UTCTime" : "GeneralizedTime"}`);
  const [, yearText = "", month = "", day = "", hour = "", minute = "", second = "00", zone = "Z"] = match;
  // Two digits stand for 1950 to 2049.
  const year = isUtc ? (Number(yearText) >= 50 ? "19" : "20") + yearText : yearText;
  const offset = zone === "Z" || Number(zone) === 0 ? "Z" : `${zone.slice(0, 3)}:${zone.slice(3)}`;
  const text = `${year}-${month}-${day}T${hour}:${minute}:${second}${offset}`;
  const unixMs = Date.parse(text);
  // JS takes February 30 for March 1.
  const isDate = new Date(`${year}-${month}-${day}T00:00:00Z`).getUTCDate() === Number(day);
  if (Number.isNaN(unixMs) || !isDate || hour === "24") return fails("x509: malformed time");
  return { unixMs, text };
}

/* oxlint-disable no-control-regex -- control characters are what is looked for */
import { spendCharacters } from "../run/meter.ts";
import { codePoints } from "../values/code-points.ts";
import { quote } from "../values/rego-text.ts";
import { bytesOfText } from "./bytes.ts";
import { formatFloat } from "./go-float.ts";

/** What OPA hands to Go's `fmt`: 64-bit and larger integers, doubles, texts. */
export type FormatArgument =
  | { readonly type: "int64" | "*big.Int"; readonly value: bigint }
  | { readonly type: "float64"; readonly value: number }
  | { readonly type: "string"; readonly value: string };

/** Flags, width and precision of a verb. */
interface Spec {
  readonly flags: string;
  readonly width: number | undefined;
  readonly precision: number | undefined;
}

/** Wider fields are errors, as in Go. */
const WIDTH_MAX = 1_000_000;

/** Go's `fmt.Sprintf` for the arguments OPA gives it. */
export function goSprintf(format: string, args: readonly FormatArgument[]): string {
  const state: State = { format, args, at: 0, next: 0, isReordered: false, hasBadIndex: false };
  let out = "";
  while (state.at < format.length) {
    const percent = format.indexOf("%", state.at);
    if (percent < 0) {
      out += format.slice(state.at);
      break;
    }
    out += format.slice(state.at, percent);
    state.at = percent + 1;
    const text = formatVerb(state);
    spendCharacters(text.length);
    out += text;
  }
  if (state.isReordered || state.next >= args.length) return out;
  const extra = args.slice(state.next).map((arg) => `${arg.type}=${plain(arg)}`);
  return `${out}%!(EXTRA ${extra.join(", ")})`;
}

interface State {
  readonly format: string;
  readonly args: readonly FormatArgument[];
  at: number;
  next: number;
  isReordered: boolean;
  hasBadIndex: boolean;
}

function formatVerb(state: State): string {
  state.isReordered = false;
  state.hasBadIndex = false;
  const flags = take(state, /[+\-# 0]*/y);
  takeIndex(state);
  let problem = "";
  let width = takeNumber(state, (message) => (problem += message), "WIDTH");
  let precision: number | undefined;
  let allFlags = flags;
  if (width !== undefined && width < 0) {
    allFlags += "-";
    width = -width;
  }
  if (state.format[state.at] === ".") {
    state.at += 1;
    takeIndex(state);
    precision =
      takeNumber(state, (message) => (problem += message), "PREC") ?? (problem.includes("PREC") ? undefined : 0);
    if (precision !== undefined && precision < 0) {
      precision = undefined;
      problem += "%!(BADPREC)";
    }
  }
  takeIndex(state);
  return problem + applyVerb(state, { flags: allFlags, width, precision });
}

function applyVerb(state: State, spec: Spec): string {
  const point = state.format.codePointAt(state.at);
  if (point === undefined) return "%!(NOVERB)";
  const verb = String.fromCodePoint(point);
  state.at += verb.length;
  if (verb === "%") return "%";
  if (state.hasBadIndex) return `%!${verb}(BADINDEX)`;
  const arg = state.args[state.next];
  if (arg === undefined) return `%!${verb}(MISSING)`;
  state.next += 1;
  return formatArgument(verb, arg, spec);
}

function take(state: State, pattern: RegExp): string {
  pattern.lastIndex = state.at;
  const text = pattern.exec(state.format)?.[0] ?? "";
  state.at += text.length;
  return text;
}

/** `[n]`: the argument that comes next. */
function takeIndex(state: State): void {
  if (state.format[state.at] !== "[") return;
  state.isReordered = true;
  const close = state.format.indexOf("]", state.at);
  const digits = close < 0 ? "" : state.format.slice(state.at + 1, close);
  const index = /^\d+$/.test(digits) ? Number(digits) : 0;
  if (index >= 1 && index <= state.args.length) state.next = index - 1;
  else state.hasBadIndex = true;
  state.at = close < 0 ? state.at + 1 : close + 1;
}

/** Digits, or `*` for an argument. */
function takeNumber(state: State, complain: (message: string) => void, name: "WIDTH" | "PREC"): number | undefined {
  if (state.format[state.at] !== "*") {
    const digits = take(state, /\d*/y);
    if (digits === "") return undefined;
    return Number(digits) > WIDTH_MAX ? undefined : Number(digits);
  }
  state.at += 1;
  const arg = state.args[state.next];
  if (arg !== undefined) state.next += 1;
  const value = arg?.type === "int64" ? Number(arg.value) : Number.NaN;
  if (Math.abs(value) <= WIDTH_MAX) return value;
  complain(`%!(BAD${name})`);
  return undefined;
}

function formatArgument(verb: string, arg: FormatArgument, spec: Spec): string {
  if (verb === "T") return pad(arg.type, spec);
  if (verb === "p") return badVerb(verb, arg, spec);
  switch (arg.type) {
    case "string":
      return formatText(verb, arg, spec);
    case "float64":
      return formatDouble(verb, arg, spec);
    default:
      return formatInteger(verb, arg, spec);
  }
}

function formatText(verb: string, arg: FormatArgument & { readonly type: "string" }, spec: Spec): string {
  const text = spec.precision === undefined ? arg.value : codePoints(arg.value).slice(0, spec.precision).join("");
  switch (verb) {
    case "v":
      return spec.flags.includes("#")
        ? formatText("q", arg, { ...spec, flags: spec.flags.replaceAll("#", "") })
        : pad(text, spec);
    case "s":
      return pad(text, spec);
    case "q":
      return pad(
        spec.flags.includes("#") && !/[`\u0000-\u0008\u000a-\u001f\u007f\ufeff]/.test(text)
          ? `\`${text}\``
          : asciiQuote(text, spec),
        spec,
      );
    case "x":
    case "X":
      return pad(hexText(arg.value, verb, spec), spec);
    default:
      return badVerb(verb, arg, spec);
  }
}

function asciiQuote(text: string, { flags }: Spec): string {
  const quoted = quote(text);
  if (!flags.includes("+")) return quoted;
  return quoted.replace(/[^\u0020-\u007e]/gu, (character) => escapePoint(character.codePointAt(0) ?? 0));
}

function escapePoint(point: number): string {
  return point < 0x10000 ? `\\u${point.toString(16).padStart(4, "0")}` : `\\U${point.toString(16).padStart(8, "0")}`;
}

function hexText(text: string, verb: string, { flags, precision }: Spec): string {
  const bytes = bytesOfText(text).subarray(0, precision);
  const prefix = flags.includes("#") ? "0x" : "";
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0"));
  const joined = flags.includes(" ")
    ? hex.map((byte) => prefix + byte).join(" ")
    : (bytes.length > 0 ? prefix : "") + hex.join("");
  return verb === "X" ? joined.toUpperCase() : joined;
}

const RADIX: Readonly<Record<string, number>> = { d: 10, b: 2, o: 8, O: 8, x: 16, X: 16, v: 10 };
const PREFIX: Readonly<Record<string, string>> = { b: "0b", o: "0", x: "0x", X: "0X" };

function formatInteger(verb: string, arg: FormatArgument & { readonly value: bigint }, spec: Spec): string {
  const isBig = arg.type === "*big.Int";
  if (!isBig && (verb === "c" || verb === "q" || verb === "U")) return formatPoint(verb, arg.value, spec);
  const radix = isBig && verb === "s" ? 10 : RADIX[verb];
  if (radix === undefined) return isBig ? `%!${verb}(big.Int=${arg.value})` : badVerb(verb, arg, spec);
  const { flags, precision } = spec;
  const magnitude = arg.value < 0n ? -arg.value : arg.value;
  let digits = magnitude === 0n && precision === 0 ? "" : magnitude.toString(radix);
  if (verb === "X") digits = digits.toUpperCase();
  digits = digits.padStart(precision ?? 0, "0");
  const sign = arg.value < 0n ? "-" : flags.includes("+") ? "+" : flags.includes(" ") ? " " : "";
  const hash = verb === "O" ? "0o" : flags.includes("#") ? (PREFIX[verb] ?? "") : "";
  const prefix = verb === "o" && digits.startsWith("0") ? "" : hash;
  if (!isBig && precision === 0 && magnitude === 0n) return pad("", { ...spec, flags: "" });
  const zeros = flags.includes("0") && !flags.includes("-") && precision === undefined ? (spec.width ?? 0) : 0;
  const room = isBig ? zeros - sign.length - prefix.length : zeros - sign.length;
  return pad(sign + prefix + digits.padStart(room, "0"), { ...spec, flags: flags.replaceAll("0", "") });
}

function formatPoint(verb: string, value: bigint, spec: Spec): string {
  const isPoint = value >= 0n && value <= 0x10ffffn && !(value >= 0xd800n && value < 0xe000n);
  const character = isPoint ? String.fromCodePoint(Number(value)) : "\ufffd";
  if (verb === "c") return pad(character, spec);
  if (verb === "U") {
    const hex = value
      .toString(16)
      .toUpperCase()
      .padStart(Math.max(4, spec.precision ?? 0), "0");
    return pad(`U+${hex}${spec.flags.includes("#") && isPoint ? ` '${character}'` : ""}`, spec);
  }
  const quoted = asciiQuote(character, spec).slice(1, -1).replace(/^\\"$/, '"').replace(/^'$/, "\\'");
  return pad(`'${quoted}'`, spec);
}

const FLOAT_VERBS = "vbgGxXfFeE";

function formatDouble(verb: string, arg: FormatArgument & { readonly type: "float64" }, spec: Spec): string {
  if (!FLOAT_VERBS.includes(verb)) return badVerb(verb, arg, spec);
  const { flags } = spec;
  const number = formatFloat(Math.abs(arg.value), verb, { precision: spec.precision, isSharp: flags.includes("#") });
  const isNegative = arg.value < 0 || Object.is(arg.value, -0);
  const sign = isNegative ? "-" : flags.includes("+") ? "+" : flags.includes(" ") ? " " : "";
  const zeros = flags.includes("0") && !flags.includes("-") ? (spec.width ?? 0) - sign.length : 0;
  return pad(sign + number.padStart(zeros, "0"), { ...spec, flags: flags.replaceAll("0", "") });
}

function badVerb(verb: string, arg: FormatArgument, spec: Spec): string {
  return `%!${verb}(${arg.type}=${formatArgument("v", arg, spec)})`;
}

function plain(arg: FormatArgument): string {
  return arg.type === "float64"
    ? formatDouble("v", arg, { flags: "", width: undefined, precision: undefined })
    : String(arg.value);
}

function pad(text: string, { flags, width }: Spec): string {
  const missing = (width ?? 0) - codePoints(text).length;
  if (missing <= 0) return text;
  if (flags.includes("-")) return text + " ".repeat(missing);
  return (flags.includes("0") ? "0" : " ").repeat(missing) + text;
}

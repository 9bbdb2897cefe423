import type { BuiltinContext, UncheckedBuiltin } from "../run/builtin.ts";
import { sortedEntries } from "../values/object.ts";
import { RegoSet } from "../values/set.ts";
import { isObject, type Value } from "../values/value.ts";
import {
  addressText,
  holds,
  lastAddress,
  networkText,
  parseAddress,
  parseNetwork,
  unmapped,
  type Network,
} from "./ip-network.ts";
import { fails, stringOperand } from "./operands.ts";

/** CIDR networks. What asks the network itself isn't here. */
export const NET_BUILTINS: Readonly<Record<string, UncheckedBuiltin>> = {
  "net.cidr_contains": (_, network: Value, other: Value) => contains(network, other),
  "net.cidr_overlap": (_, network: Value, other: Value) => contains(network, other),
  "net.cidr_intersects": (_, a: Value, b: Value) => {
    const [x, y] = [unmapped(networkOperand(a)), unmapped(networkOperand(b))];
    return holds(x, y) || holds(y, x);
  },
  "net.cidr_contains_matches": (context, networks: Value, others: Value) => containsMatches(context, networks, others),
  "net.cidr_expand": (context, network: Value) => expand(context, networkOperand(network)),
  "net.cidr_is_valid": (_, text: Value) => typeof text === "string" && parseNetwork(text) !== undefined,
  "net.cidr_merge": (_, networks: Value) => merge(networks),
};

function networkOperand(value: Value): Network {
  const text = stringOperand(value, 1);
  return parseNetwork(text) ?? fails(`invalid CIDR address: ${text}`);
}

function contains(network: Value, other: Value): boolean {
  const outer = networkOperand(network);
  const text = stringOperand(other, 1);
  const address = parseAddress(text);
  if (address !== undefined) return holds(outer, address);
  const inner = parseNetwork(text) ?? fails(`not a valid textual representation of an IP address or CIDR: ${text}`);
  const plain = unmapped(inner);
  return holds(outer, plain) && holds(outer, { ...plain, value: lastAddress(plain) });
}

function containsMatches(context: BuiltinContext, networks: Value, others: Value): RegoSet {
  const found = new RegoSet();
  for (const [network, index] of matchTerms(networks, 1)) {
    for (const [other, otherIndex] of matchTerms(others, 2)) {
      context.charge(MATCH_STEPS);
      if (contains(network, other)) found.add([index, otherIndex]);
    }
  }
  return found;
}

/** Two texts are parsed for each. */
const MATCH_STEPS = 8;

/** The networks of an operand, each with what names it there. */
function matchTerms(operand: Value, position: number): readonly (readonly [Value, Value])[] {
  const term = (value: Value): Value => {
    const first = Array.isArray(value) ? value[0] : value;
    if (typeof value === "string" || (Array.isArray(value) && first !== undefined)) return first ?? "";
    return fails(`operand ${position}: element must be string or non-empty array`);
  };
  if (typeof operand === "string") return [[operand, operand]];
  if (Array.isArray(operand)) return operand.map((value, index) => [term(value), index]);
  if (operand instanceof RegoSet) return operand.sorted().map((value) => [term(value), value]);
  return isObject(operand) ? [...sortedEntries(operand)].map(([key, value]) => [term(value), key]) : [];
}

/** An address with its place in a set. */
const ADDRESS_STEPS = 8;

function expand(context: BuiltinContext, network: Network): RegoSet {
  const { bits, prefix, value } = network;
  const count = 1n << BigInt(bits - prefix);
  context.charge(Number(count) * ADDRESS_STEPS);
  const set = new RegoSet();
  for (let offset = 0n; offset < count; offset += 1n) set.add(addressText({ bits, value: value + offset }));
  return set;
}

interface Range {
  readonly bits: 32 | 128;
  readonly first: bigint;
  readonly last: bigint;
  /** The network as it was given; undefined once merged. */
  readonly network: Network | undefined;
}

function merge(networks: Value): RegoSet {
  if (!Array.isArray(networks) && !(networks instanceof RegoSet)) return fails("operand must be an array");
  const given = (Array.isArray(networks) ? networks : networks.sorted()).map(mergeTerm);
  const ranges = given
    .map((network): Range => ({ bits: network.bits, first: network.value, last: lastAddress(network), network }))
    .sort((a, b) => Number(a.bits) - Number(b.bits) || order(a.last, b.last) || order(a.first, b.first));
  for (let i = ranges.length - 1; i > 0; i -= 1) {
    const [previous, current] = [ranges[i - 1], ranges[i]];
    if (previous === undefined || current === undefined || previous.bits !== current.bits) continue;
    if (current.first > 0n && current.first - 1n > previous.last) continue;
    const first = previous.first < current.first ? previous.first : current.first;
    ranges.splice(i - 1, 2, { bits: current.bits, first, last: current.last, network: undefined });
  }
  return RegoSet.of(ranges.flatMap((range) => (range.network ? [range.network] : split(range))).map(networkText));
}

function mergeTerm(value: Value): Network {
  if (typeof value !== "string") return fails("element must be string");
  const address = parseAddress(value);
  if (address === undefined) return networkOperand(value);
  if (address.bits === 128) return fails("IPv6 invalid: needs prefix length");
  // Go's default masks by the old classes.
  const top = address.value >> 24n;
  const prefix = top < 128n ? 8 : top < 192n ? 16 : 24;
  return { bits: 32, prefix, value: (address.value >> BigInt(32 - prefix)) << BigInt(32 - prefix) };
}

/** The fewest networks that make up a range. */
function split({ bits, first, last }: Range): readonly Network[] {
  const networks: Network[] = [];
  for (let at = first; at <= last;) {
    let hostBits = 0;
    while (hostBits < bits && grows(at, last, BigInt(hostBits + 1))) hostBits += 1;
    networks.push({ bits, value: at, prefix: bits - hostBits });
    at += 1n << BigInt(hostBits);
  }
  return networks;
}

function grows(start: bigint, last: bigint, hostBits: bigint): boolean {
  const size = 1n << hostBits;
  return start % size === 0n && start + size - 1n <= last;
}

function order(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

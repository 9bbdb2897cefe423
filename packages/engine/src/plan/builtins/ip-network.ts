/** An IP address: 32 or 128 bits. IPv4 written inside IPv6 is IPv4, as in Go. */
export interface Address {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

/** A network: its first address and the length of its prefix. */
export interface Network extends Address {
  readonly prefix: number;
}

const MAPPED = 0xffffn << 32n;

export function parseAddress(text: string): Address | undefined {
  const value = text.includes(":") ? parseIpv6(text) : undefined;
  if (value === undefined) {
    const ipv4 = parseIpv4(text);
    return ipv4 === undefined ? undefined : { bits: 32, value: ipv4 };
  }
  return value >> 32n === 0xffffn ? { bits: 32, value: value & 0xffffffffn } : { bits: 128, value };
}

/** `address/prefix`, its host bits cut off; `host` keeps them. */
export function parseNetwork(text: string): (Network & { readonly host: bigint }) | undefined {
  const [, addressText = "", prefixText = ""] = /^(.*)\/(\d{1,3})$/s.exec(text) ?? [];
  const isIpv6 = addressText.includes(":");
  const host = isIpv6 ? parseIpv6(addressText) : parseIpv4(addressText);
  const bits = isIpv6 ? 128 : 32;
  const prefix = Number(prefixText);
  if (host === undefined || prefixText === "" || prefix > bits) return undefined;
  return { bits, value: firstOf(host, bits, prefix), prefix, host };
}

export function lastAddress({ value, bits, prefix }: Network): bigint {
  return value | ((1n << BigInt(bits - prefix)) - 1n);
}

/** Whether the network holds the address; IPv4 and IPv6 never hold each other. */
export function holds(network: Network, address: Address): boolean {
  const [a, b] = [unmapped(network), address];
  return a.bits === b.bits && firstOf(b.value, b.bits, a.prefix) === a.value;
}

/** A network of IPv4 addresses mapped into IPv6 is one of IPv4. */
export function unmapped(network: Network): Network {
  if (network.bits === 32 || network.prefix < 96 || network.value >> 32n !== 0xffffn) return network;
  return { bits: 32, value: network.value & 0xffffffffn, prefix: network.prefix - 96 };
}

export function addressText({ bits, value }: Address): string {
  if (bits === 32) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join(".");
  if (value >> 32n === MAPPED >> 32n) return addressText({ bits: 32, value: value & 0xffffffffn });
  const groups = Array.from({ length: 8 }, (_, i) => ((value >> BigInt(112 - 16 * i)) & 0xffffn).toString(16));
  return compress(groups);
}

export function networkText(network: Network): string {
  return `${addressText(network)}/${network.prefix}`;
}

function firstOf(value: bigint, bits: number, prefix: number): bigint {
  const hostBits = BigInt(bits - prefix);
  return (value >> hostBits) << hostBits;
}

function parseIpv4(text: string): bigint | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256))
    return undefined;
  return parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

function parseIpv6(text: string): bigint | undefined {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const ipv4 = dotted === null ? undefined : parseIpv4(dotted[2] ?? "");
  if (dotted !== null && ipv4 === undefined) return undefined;
  const tail = ipv4 === undefined ? "" : `${(ipv4 >> 16n).toString(16)}:${(ipv4 & 0xffffn).toString(16)}`;
  const halves = (dotted === null ? text : (dotted[1] ?? "") + tail).split("::");
  if (halves.length > 2) return undefined;
  const [left = [], right] = halves.map((half) => (half === "" ? [] : half.split(":")));
  const missing = 8 - left.length - (right?.length ?? 0);
  if (right === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...left, ...Array.from({ length: missing }, () => "0"), ...(right ?? [])];
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return groups.reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n);
}

/** The longest run of zero groups, two or more, becomes `::`. */
function compress(groups: readonly string[]): string {
  let best = { start: -1, length: 1 };
  for (let start = 0; start < groups.length; start += 1) {
    let length = 0;
    while (groups[start + length] === "0") length += 1;
    if (length > best.length) best = { start, length };
  }
  if (best.start < 0) return groups.join(":");
  return `${groups.slice(0, best.start).join(":")}::${groups.slice(best.start + best.length).join(":")}`;
}

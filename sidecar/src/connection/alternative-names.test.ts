import { describe, expect, it } from "vitest";
import { splitAlternativeNames } from "./alternative-names.ts";

describe("splitAlternativeNames", () => {
  it.each([
    ["", []],
    ["DNS:a", ["DNS:a"]],
    ["DNS:a, IP Address:127.0.0.1, URI:spiffe://b/c", ["DNS:a", "IP Address:127.0.0.1", "URI:spiffe://b/c"]],
    // What Node writes of a certificate whose one name would pass for two.
    ['DNS:"a, URI:spiffe://admin"', ["DNS:a, URI:spiffe://admin"]],
    ['URI:"spiffe://b\\u002c \\"DNS:c\\""', ['URI:spiffe://b, "DNS:c"']],
    ['DNS:"broken\\x", DNS:a', ["DNS:broken\\x", "DNS:a"]],
  ])("reads %s", (text, names) => {
    expect(splitAlternativeNames(text)).toEqual(names);
  });
});

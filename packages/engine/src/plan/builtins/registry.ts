import type { UncheckedBuiltin } from "../run/builtin.ts";
import { AGGREGATE_BUILTINS } from "./aggregates.ts";
import { AWS_BUILTINS } from "./aws.ts";
import { CERTIFICATE_BUILTINS } from "./certificates.ts";
import { COMPARISON_BUILTINS } from "./comparisons.ts";
import { CRYPTO_BUILTINS } from "./crypto.ts";
import { ENCODING_BUILTINS } from "./encoding.ts";
import { FORMAT_BUILTINS } from "./formatting.ts";
import { GLOB_BUILTINS } from "./glob.ts";
import { GRAPH_BUILTINS } from "./graphs.ts";
import { GRAPHQL_BUILTINS } from "./graphql.ts";
import { JSON_EDIT_BUILTINS } from "./json-edit.ts";
import { JSON_SCHEMA_BUILTINS } from "./json-schema.ts";
import { JWT_BUILTINS } from "./jwt.ts";
import { NET_BUILTINS } from "./net.ts";
import { NUMBER_BUILTINS } from "./numbers.ts";
import { OBJECT_BUILTINS } from "./objects.ts";
import { PRIVATE_KEY_BUILTINS } from "./private-keys.ts";
import { REGEX_BUILTINS } from "./regex.ts";
import { SET_BUILTINS } from "./sets.ts";
import { STRING_BUILTINS } from "./strings.ts";
import { TIME_BUILTINS } from "./time.ts";
import { UNIT_BUILTINS } from "./units.ts";
import { URL_BUILTINS } from "./url.ts";
import { VERSION_BUILTINS } from "./versions.ts";
import { YAML_BUILTINS } from "./yaml.ts";

/** Every built-in there is, by OPA's name. A plan that needs another one is refused. */
export const BUILTINS: ReadonlyMap<string, UncheckedBuiltin> = new Map(
  [
    AGGREGATE_BUILTINS,
    AWS_BUILTINS,
    CERTIFICATE_BUILTINS,
    COMPARISON_BUILTINS,
    CRYPTO_BUILTINS,
    ENCODING_BUILTINS,
    FORMAT_BUILTINS,
    GLOB_BUILTINS,
    GRAPH_BUILTINS,
    GRAPHQL_BUILTINS,
    JSON_EDIT_BUILTINS,
    JSON_SCHEMA_BUILTINS,
    JWT_BUILTINS,
    NET_BUILTINS,
    NUMBER_BUILTINS,
    OBJECT_BUILTINS,
    PRIVATE_KEY_BUILTINS,
    REGEX_BUILTINS,
    SET_BUILTINS,
    STRING_BUILTINS,
    TIME_BUILTINS,
    UNIT_BUILTINS,
    URL_BUILTINS,
    VERSION_BUILTINS,
    YAML_BUILTINS,
  ].flatMap((family) => Object.entries(family)),
);

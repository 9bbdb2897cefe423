// Schemas and queries that between them break each of GraphQL's rules once, and keep it once.

const SCHEMA = `
directive @auth(role: Role! = USER, reason: String) repeatable on FIELD_DEFINITION | OBJECT | ENUM_VALUE | ARGUMENT_DEFINITION
directive @once on FIELD_DEFINITION | FIELD
scalar Time @specifiedBy(url: "https://example.org/time")
enum Role { ADMIN USER @auth(role: ADMIN) }
interface Node { id: ID! }
interface Named implements Node { id: ID! name(upper: Boolean = false): String }
"A \\"person\\"."
type Person implements Node & Named @auth { id: ID! name(upper: Boolean = false): String friends(first: Int!): [Person!]! age: Int }
type Robot implements Node { id: ID! model: Float age: String }
union Being = Person | Robot
input Filter { name: String = "x" role: Role! tags: [String!] at: Time nested: Filter }
input Key @oneOf { id: ID name: String }
# before
type Query { me: Person being(key: Key): Being find(filter: Filter, ids: [ID!] = [1, "b"]): [Node] }
type Mutation { rename(id: ID!, name: String): Person }
type Subscription { joined: Person left: Person }
extend type Robot { serial: Int }
`;

const QUERIES = [
  "{ me { id name friends(first: 3) { name } } }",
  "query Q($f: Filter!, $n: Int = 2) { find(filter: $f) { id ... on Person { friends(first: $n) { id } } } }",
  '{ find(filter: { role: ADMIN, tags: ["a"], at: 12.5, nested: { role: USER } }, ids: 3) { id } }',
  "{ being(key: { id: 1 }) { ...P ... on Robot { serial } __typename } } fragment P on Person { age }",
  "mutation { rename(id: 1.5) { id } }",
  "mutation M($id: ID) { rename(id: $id, name: null) { id } }",
  "subscription { joined { id } left { id } }",
  "subscription S { __typename }",
  "{ me { id { x } friends } }",
  "{ me { nam nope(first: 1) } me: find { id } }",
  "{ me { name(uper: true, upper: 1, upper: TRUE) @nope @once @once @include } }",
  "{ being { id name } find { nam ...R } } fragment R on Robot { age model: serial }",
  "fragment A on Person { ...B } fragment B on Person { ...A } { me { ...A ...C } }",
  "fragment X on Filter { role } fragment Y on Nope { id } query A { ... on Time { a } ... on Missing { a } }",
  "query A { me { id } } query A { me { id } } { me { id } }",
  'query V($a: Person, $a: Missing, $b: [Int] = [1, "2", 99999999999999999999], $c: Boolean) { me { name(upper: $b) friends(first: $x) { id } } }',
  '{ find(filter: { name: 1, name: BLUE, color: "red" }) { id } being(key: { id: 1, name: "a" }) { __typename } }',
  "query K($k: ID, $n: String!) { a: being(key: { id: $k }) { __typename } b: being(key: { name: $n }) { __typename } c: being(key: { id: null }) { __typename } }",
  "{ being { ... on Person { age } ... on Robot { age } } me { age } me { age: id } }",
  "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }",
  "# lost\n{ me # here\n { id } } # end",
  "# kept\nquery Q(# v\n$x: Int = # dv\n1) @skip(if: true) { \n# f\na: me { \n# s\n...P } \n# i\n... on Query { me { id } } } \n# fd\nfragment P on Person { id }",
  "{",
  "query (",
  "{ a(b: 01) }",
  "{ a(b: -) }",
  '{ a(b: "x\\u00e9\\uZZZZ") }',
  '{ a(b: """\n   x\n     y\\"""\n  """) }',
  "{ a(b: 'x') }",
  "{ \u00e9 }",
  "fragment on on X { a }",
  "",
];

const SCHEMAS = [
  SCHEMA,
  "type Query { a: Int }",
  "type Query { a: Int } type Query { b: Int }",
  "type Query { a: Int a: Int }",
  "type Query { __a: Int }",
  "type Query { a: Missing }",
  "type Query { a(b: Query): Int }",
  "type Query { a(b: Int = 1 @deprecated @deprecated): Int @nope }",
  "type Query { a: Int @deprecated(because: 1) }",
  "type Query @specifiedBy(url: null) { a: Int }",
  "scalar S @specifiedBy(url: null)",
  "enum E { A B A }",
  "enum E { true }",
  "union U = Query | Missing type Query { a: Int }",
  "union U = E enum E { A }",
  "union U = Query | Query type Query { a: Int }",
  "input I { a: I! } type Query { a(i: I): Int }",
  "input A { b: B! } input B { a: A! }",
  "input I { a: Query } type Query { a: Int }",
  "type Query { a: I } input I { a: Int }",
  "interface N { id: ID!, f(a: Int): [Int] } type Query implements N { id: ID }",
  "interface N { id: ID!, f(a: Int): [Int] } type Query implements N { id: ID! f(b: Int!): [Int!]! }",
  "interface N { id: ID } interface M implements N { id: ID } type Query implements M { id: ID }",
  "type Query implements Query { a: Int }",
  "directive @a(x: Int @a) on FIELD directive @__b on FIELD",
  "directive @a on FIELD directive @a on FIELD",
  "directive @skip on FIELD",
  "schema { query: A } schema { query: B } type A { a: Int }",
  "schema { query: Missing }",
  "schema @nope { query: A } type A { a: Int }",
  "extend schema { mutation: M } type M { a: Int } type Query { a: Int }",
  "extend type X { a: Int } extend enum X { A }",
  "extend type Y",
  '"no" extend type Y { a: Int }',
  '# c\n"""\n desc\n  more\n"""\n# d\ntype Query { # x\n"f"\n# y\na("arg" \n# z\nb: Int = 2 @deprecated): Int # end\n} # file',
  "type Query",
  "type Query { }",
  "union U = |",
  "directive @a on NOWHERE",
  "what",
  "",
];

const FUNCTIONS = ["parse", "parse_and_verify", "is_valid"];

/** Expressions for {@link EXPRESSIONS}. */
export const GRAPHQL_EXPRESSIONS: readonly string[] = [
  ...QUERIES.map((query) => `graphql.parse_query(${JSON.stringify(query)})`),
  ...QUERIES.flatMap((query) => FUNCTIONS.map((name) => call(name, query, SCHEMA))),
  ...SCHEMAS.flatMap((schema) =>
    ["parse_schema", "schema_is_valid"].map((name) => `graphql.${name}(${JSON.stringify(schema)})`),
  ),
  ...SCHEMAS.flatMap((schema) => ["parse", "is_valid"].map((name) => call(name, "{ a }", schema))),
  // Trees instead of texts.
  ...QUERIES.slice(0, 9).map((query) => {
    const trees = `graphql.parse_query(${JSON.stringify(query)}), graphql.parse_schema(${JSON.stringify(SCHEMA)})`;
    return `graphql.parse_and_verify(${trees})`;
  }),
  'graphql.is_valid({"Operations": [{"Operation": "query", "SelectionSet": [{"Name": "a"}]}]}, "type Query { a: Int }")',
  'graphql.is_valid({"Operations": [{"SelectionSet": [{"Alias": 1, "Name": "b"}, {"Name": "a"}]}]}, "type Query { a: Int }")',
  'graphql.schema_is_valid({"definitions": [{"kind": "OBJECT", "NAME": "Query", "Fields": [{"Name": "a", "Type": {"NamedType": "Int"}}]}]})',
  'graphql.schema_is_valid({"Definitions": [{"Kind": 1}]})',
  'graphql.is_valid(json.unmarshal("1"), json.unmarshal("2"))',
  'graphql.schema_is_valid(json.unmarshal("[]"))',
];

function call(name: string, query: string, schema: string): string {
  return `graphql.${name}(${JSON.stringify(query)}, ${JSON.stringify(schema)})`;
}

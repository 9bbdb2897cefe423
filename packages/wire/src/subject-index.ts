/** Values by the subjects that they listen on, wildcards among them. */
export interface SubjectIndex<V> {
  /** @param pattern - a subject, in which `*` stands for one token and `>` for one or more at the end. */
  add(pattern: string, value: V): void;
  remove(pattern: string, value: V): void;
  /** One of the values whose pattern matches. Takes a step for each place that the subject can lead to, never one for each value. */
  find(subject: string): V | undefined;
}

export function createSubjectIndex<V>(): SubjectIndex<V> {
  const root: Node<V> = createNode();
  return {
    add: (pattern, value) => {
      let node = root;
      for (const token of pattern.split(".")) node = childOf(node, token);
      node.values.add(value);
    },
    remove: (pattern, value) => {
      const path = [root];
      const tokens = pattern.split(".");
      for (const token of tokens) {
        const next = path.at(-1)?.children.get(token);
        if (next === undefined) return;
        path.push(next);
      }
      path.at(-1)?.values.delete(value);
      prune(path, tokens);
    },
    find: (subject) => findFrom(root, subject.split("."), 0),
  };
}

interface Node<V> {
  readonly children: Map<string, Node<V>>;
  readonly values: Set<V>;
}

function createNode<V>(): Node<V> {
  return { children: new Map(), values: new Set() };
}

function childOf<V>(node: Node<V>, token: string): Node<V> {
  const known = node.children.get(token);
  if (known !== undefined) return known;
  const made = createNode<V>();
  node.children.set(token, made);
  return made;
}

/** Takes away what holds nothing any more, from the end of a path towards its root. */
function prune<V>(path: readonly Node<V>[], tokens: readonly string[]): void {
  for (let depth = tokens.length; depth > 0; depth--) {
    const node = path[depth];
    if (node === undefined || node.values.size > 0 || node.children.size > 0) return;
    path[depth - 1]?.children.delete(tokens[depth - 1] ?? "");
  }
}

function findFrom<V>(node: Node<V>, tokens: readonly string[], depth: number): V | undefined {
  const token = tokens[depth];
  if (token === undefined) return first(node.values);
  const rest = node.children.get(">");
  const found = rest === undefined ? undefined : first(rest.values);
  return (
    found ?? findUnder(node.children.get(token), tokens, depth) ?? findUnder(node.children.get("*"), tokens, depth)
  );
}

function findUnder<V>(node: Node<V> | undefined, tokens: readonly string[], depth: number): V | undefined {
  return node === undefined ? undefined : findFrom(node, tokens, depth + 1);
}

function first<V>(values: ReadonlySet<V>): V | undefined {
  for (const value of values) return value;
  return undefined;
}

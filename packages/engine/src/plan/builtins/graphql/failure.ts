import type { Position } from "./ast.ts";

/** A document isn't GraphQL, or a schema or query isn't valid. Caught by the built-ins, which word it as OPA does. */
export class GraphqlFailure extends Error {
  override readonly name = "GraphqlFailure";
  readonly position: Position | undefined;

  constructor(message: string, position: Position | undefined) {
    super(message);
    this.position = position;
  }

  /** The failure with its place, `input:<line>:<column>: <message>`. */
  get text(): string {
    return placedText(this.message, this.position);
  }
}

export function refuseGraphql(message: string, position: Position | undefined): never {
  throw new GraphqlFailure(message, position);
}

export function placedText(message: string, position: Position | undefined): string {
  if (position === undefined) return `input: ${message}`;
  return `${position.file === "" ? "input" : position.file}:${position.line}:${position.column}: ${message}`;
}

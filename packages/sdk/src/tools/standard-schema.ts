import { SdkError } from "../sdk-error.ts";

/** A schema by the Standard Schema interface, as zod, valibot and arktype make them. */
export interface StandardSchema<Output = unknown> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    validate(value: unknown): SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
  };
}

type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly { readonly message: string; readonly path?: readonly unknown[] | undefined }[] };

/** What a schema makes of arguments. @throws SdkError `tool.arguments` with what is wrong, for a model to read. */
export async function validateArguments<Output>(
  schema: StandardSchema<Output>,
  name: string,
  args: unknown,
): Promise<Output> {
  const result = await schema["~standard"].validate(args);
  if (result.issues === undefined) return result.value;
  const faults = result.issues.map(({ message, path = [] }) => `${placeOf(path)}${message}`);
  throw new SdkError("tool.arguments", `the arguments of ${name} are wrong: ${faults.join("; ")}`);
}

function placeOf(path: readonly unknown[]): string {
  if (path.length === 0) return "";
  const keys = path.map((part) => (typeof part === "object" && part !== null && "key" in part ? part.key : part));
  return `${keys.map(String).join(".")}: `;
}

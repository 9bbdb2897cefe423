/** Where a value stands in the document. */
export interface Place {
  readonly name: string;
  readonly parent: Place | undefined;
}

export const ROOT: Place = { name: "(Root)", parent: undefined };

export interface SchemaError {
  readonly type: string;
  readonly field: string;
  readonly description: string;
}

/** What checking has found so far, and a score of how well it went, by which the nearest of several schemas is told. */
export class Outcome {
  readonly place: Place;
  readonly errors: SchemaError[] = [];
  score = 0;

  constructor(place: Place) {
    this.place = place;
  }

  get isValid(): boolean {
    return this.errors.length === 0;
  }

  /** The place as errors name it. */
  get field(): string {
    const names: string[] = [];
    for (let at: Place | undefined = this.place; at !== undefined; at = at.parent) names.unshift(at.name);
    return names.length > 1 ? names.slice(1).join(".") : names.join(".");
  }

  fail(type: string, description: string): void {
    this.errors.push({ type, field: this.field, description });
    this.score -= 2;
  }

  merge(other: Outcome): void {
    for (const error of other.errors) this.errors.push(error);
    this.score += other.score;
  }

  /** An empty outcome for a place below. */
  at(place: Place): Outcome {
    return new Outcome(place);
  }
}

// A record that is edited while others may change it too: what was typed is never lost. What both
// changed is shown side by side, and somebody chooses.
import { asProblem, type Problem } from '$lib/api/client';

export type Conflict<Field extends string> = {
  field: Field;
  theirs: string;
  mine: string;
  /** undefined: not chosen yet. */
  keep: 'theirs' | 'mine' | undefined;
};

type Versioned = { version: number };

type Options<Row extends Versioned, Field extends string> = {
  fields: readonly Field[];
  /** A field as it is typed; empty: not given. */
  text: (row: Row, field: Field) => string;
  write: (changes: Partial<Record<Field, string | null>>, version: number) => Promise<Row>;
  /** The record as it is now. */
  read: () => Promise<Row>;
};

export class Edit<Row extends Versioned, Field extends string> {
  draft = $state({} as Record<Field, string>);
  busy = $state(false);
  problem = $state.raw<Problem>();
  conflicts = $state<Conflict<Field>[]>([]);
  /** What somebody else changed meanwhile and nobody here had touched: it is kept. */
  taken = $state.raw<{ field: Field; was: string; is: string }[]>([]);
  #options: Options<Row, Field>;
  #base: Row;

  constructor(row: Row, options: Options<Row, Field>) {
    this.#options = options;
    this.#base = row;
    for (const field of options.fields) this.draft[field] = options.text(row, field);
  }

  #was(field: Field) {
    return this.#options.text(this.#base, field);
  }

  /** What is wrong with a field, in the server's words. */
  error(field: Field) {
    return this.problem?.field === field ? this.problem.detail : undefined;
  }

  /** Conflicts are to be settled before it can be saved. */
  get waits() {
    return this.conflicts.some((conflict) => !conflict.keep);
  }

  get changed() {
    return this.#options.fields.filter((field) => this.draft[field].trim() !== this.#was(field));
  }

  #changes() {
    return Object.fromEntries(
      this.changed.map((field) => [field, this.draft[field].trim() || null]),
    ) as Partial<Record<Field, string | null>>;
  }

  #compare(theirs: Row) {
    const { fields, text } = this.#options;
    const mine = new Set(this.changed);
    const conflicts: Conflict<Field>[] = [];
    for (const field of fields) {
      const [was, is, typed] = [this.#was(field), text(theirs, field), this.draft[field].trim()];
      if (was === is || typed === is) continue;
      if (mine.has(field)) {
        conflicts.push({ field, theirs: is, mine: typed, keep: undefined });
        continue;
      }
      this.draft[field] = is;
      this.taken = [...this.taken, { field, was, is }];
    }
    this.#base = theirs;
    this.conflicts = conflicts;
  }

  #settle() {
    for (const conflict of this.conflicts)
      if (conflict.keep === 'theirs') this.draft[conflict.field] = conflict.theirs;
    this.conflicts = [];
  }

  async #write(): Promise<Row | undefined> {
    if (!this.changed.length) return this.#base;
    return this.#options.write(this.#changes(), this.#base.version);
  }

  /** The saved record; undefined: something is to be chosen or mended first. Never rejects. */
  async save(): Promise<Row | undefined> {
    if (this.busy || this.waits) return undefined;
    this.#settle();
    this.busy = true;
    this.problem = undefined;
    try {
      return await this.#write();
    } catch (failure) {
      return await this.#refused(asProblem(failure));
    } finally {
      this.busy = false;
    }
  }

  async #refused(problem: Problem) {
    try {
      if (!problem.isStale) throw problem;
      this.#compare(await this.#options.read());
      // Nothing was changed by both: what was typed is written onto theirs.
      return this.conflicts.length ? undefined : await this.#write();
    } catch (failure) {
      this.problem = asProblem(failure);
      return undefined;
    }
  }
}

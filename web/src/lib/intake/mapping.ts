// What the columns of a file mean, as it is corrected: docs/guide/mappings.md says what the members
// are. The server checks it.
type Condition = { value: string; is?: string[]; is_not?: string[] };

export type MappingRecord = {
  make: string;
  fields: Record<string, string>;
  when?: Condition[];
  only?: string;
};

export type Mapping = {
  name: string;
  title?: string;
  source?: string;
  decimals?: string;
  columns?: string[];
  ignored?: string[];
  records: MappingRecord[];
};

export type Use = {
  record: number;
  field: string;
  /** Nothing but the column is in the value. */
  alone: boolean;
};

/** A column as a value names it. */
export function valueOf(column: string) {
  return `{${column.replace(/[\\{}|]/g, '\\$&')}}`;
}

/** The columns that a value names; a backslash takes the next character as it is. */
export function columnsIn(value: string): string[] {
  const found: string[] = [];
  let name: string | undefined;
  for (let i = 0; i < value.length; i++) {
    const letter = value[i] as string;
    if (letter === '\\') {
      i++;
      if (name !== undefined) name += value[i] ?? '';
    } else if (letter === '{' && name === undefined) name = '';
    else if (letter === '}' && name !== undefined) {
      found.push(name);
      name = undefined;
    } else if (letter === '|' && name !== undefined) {
      found.push(name);
      name = '';
    } else if (name !== undefined) name += letter;
  }
  return found;
}

const isSame = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();

/** What becomes of a column. */
export function usesOf(mapping: Mapping, column: string): Use[] {
  return mapping.records.flatMap((record, index) =>
    Object.entries(record.fields)
      .filter(([, value]) => columnsIn(value).some((name) => isSame(name, column)))
      .map(([field, value]) => ({
        record: index,
        field,
        alone: isSame(value, valueOf(column)),
      })),
  );
}

/** Whether a value is one column and nothing else: it is shown beside the column. */
export function isOneColumn(value: string) {
  const [column, ...others] = columnsIn(value);
  return column !== undefined && !others.length && isSame(value, valueOf(column));
}

export function changed(mapping: Mapping, change: (copy: Mapping) => void): Mapping {
  const copy = structuredClone(mapping);
  change(copy);
  return copy;
}

/** Another kind of record keeps the fields that it can have. */
export function withMake(record: MappingRecord, make: string, allowed: string[]): MappingRecord {
  const kept = Object.entries(record.fields).filter(([field]) => allowed.includes(field));
  return { ...record, make, fields: Object.fromEntries(kept) };
}

/** One to start from, where nobody knows the file. */
export function emptyMapping(fileName: string): Mapping {
  return {
    name: fileName.replace(/\.[^.]*$/, '').slice(0, 60) || 'file',
    source: 'files',
    records: [{ make: 'partner', fields: {} }],
  };
}

/** As it is given to the server: says what is left out, and by what the file is known again. */
export function finished(mapping: Mapping, columns: string[]): Mapping {
  return changed(mapping, (copy) => {
    const unused = columns.filter((column) => !usesOf(copy, column).length);
    if (unused.length) copy.ignored = unused;
    else delete copy.ignored;
    if (!copy.columns?.length)
      copy.columns = columns.map((column) => column.replace(/[\\{}|]/g, '\\$&'));
  });
}

function conditionText(condition: Condition) {
  const texts = (condition.is ?? condition.is_not ?? [])
    .map((text) => text || 'nothing')
    .join(', ');
  return `${condition.value} is ${condition.is ? '' : 'not '}${texts}`;
}

/** When a record is made; empty: of every row. */
export function whenText(record: MappingRecord) {
  const parts = (record.when ?? []).map(conditionText);
  if (record.only) parts.push(`its owner is a ${record.only}`);
  return parts.length ? `Only where ${parts.join(' and ')}.` : '';
}

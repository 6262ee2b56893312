// What the reference shows, read out of the OpenAPI document that the server serves.
export type Schema = {
  $ref?: string;
  type?: string | string[];
  format?: string;
  description?: string;
  enum?: string[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  allOf?: Schema[];
  oneOf?: Schema[];
  example?: unknown;
  examples?: unknown[];
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
};

export type Parameter = {
  name: string;
  in: 'path' | 'query' | 'header';
  required?: boolean;
  description?: string;
  schema: Schema;
  example?: unknown;
};

type Content = Record<string, { schema?: Schema; example?: unknown }>;

export type Operation = {
  id: string;
  method: string;
  path: string;
  summary: string;
  description: string;
  tag: string;
  parameters: Parameter[];
  body: { type: string; schema: Schema; example?: unknown } | undefined;
  answers: { status: string; description: string; schema: Schema | undefined }[];
};

type RawAnswer = { $ref?: string; description?: string; content?: Content };

type RawOperation = {
  operationId: string;
  summary: string;
  description?: string;
  tags?: string[];
  parameters?: (Parameter & { $ref?: string })[];
  requestBody?: { content: Content };
  responses: Record<string, RawAnswer>;
};

export type Document = {
  info: { title: string; version: string; description?: string };
  paths: Record<string, Record<string, RawOperation>>;
  components: {
    schemas: Record<string, Schema>;
    parameters?: Record<string, Parameter>;
    responses?: Record<string, RawAnswer>;
  };
};

function nameOf(reference: { $ref?: string }) {
  return reference.$ref?.split('/').pop() ?? '';
}

function operationOf(
  document: Document,
  path: string,
  method: string,
  raw: RawOperation,
): Operation {
  const { parameters = {}, responses = {} } = document.components;
  const [type, content] = Object.entries(raw.requestBody?.content ?? {})[0] ?? [];
  return {
    id: raw.operationId,
    method: method.toUpperCase(),
    path,
    summary: raw.summary,
    description: raw.description ?? '',
    tag: raw.tags?.[0] ?? 'Other',
    parameters: (raw.parameters ?? []).map((each) => parameters[nameOf(each)] ?? each),
    body: type ? { type, schema: content?.schema ?? {}, example: content?.example } : undefined,
    answers: Object.entries(raw.responses).map(([status, each]) => {
      const answer = responses[nameOf(each)] ?? each;
      return {
        status,
        description: answer.description ?? '',
        schema: Object.values(answer.content ?? {})[0]?.schema,
      };
    }),
  };
}

export function operationsOf(document: Document): Operation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, raw]) => raw.operationId)
      .map(([method, raw]) => operationOf(document, path, method, raw)),
  );
}

/** Follows references and single parts, so that what is left is a schema with a type. */
export function resolve(document: Document, schema: Schema | undefined): Schema {
  let here = schema ?? {};
  for (let step = 0; step < 8; step++) {
    if (here.$ref) here = document.components.schemas[here.$ref.split('/').pop()!] ?? {};
    else if (here.allOf?.[0])
      here = { ...here.allOf[0], ...(here.description ? { description: here.description } : {}) };
    else if (here.oneOf?.[0])
      here = { ...here.oneOf[0], ...(here.description ? { description: here.description } : {}) };
    else break;
  }
  return here;
}

/** "string", "decimal, or null", "PartnerDraft[]". */
export function typeWords(schema: Schema): string {
  if (schema.$ref) return schema.$ref.split('/').pop()!;
  if (schema.allOf?.[0]) return typeWords(schema.allOf[0]);
  if (schema.oneOf)
    return schema.oneOf
      .map((part) => (part.type === 'null' ? 'null' : typeWords(part)))
      .join(' or ');
  const types = Array.isArray(schema.type) ? schema.type : [schema.type ?? 'any'];
  if (types[0] === 'array') return `${typeWords(schema.items ?? {})}[]`;
  const first = schema.format ?? types[0]!;
  return types.includes('null') && first !== 'null' ? `${first} or null` : first;
}

/** An example body: what is required, by the examples that the fields carry. */
export function exampleOf(document: Document, schema: Schema | undefined, depth = 0): unknown {
  const is = resolve(document, schema);
  if (is.example !== undefined) return is.example;
  if (is.examples?.length) return is.examples[0];
  if (is.enum) return is.enum[0];
  const type = Array.isArray(is.type) ? is.type[0] : is.type;
  if (type === 'array') return depth > 3 ? [] : [exampleOf(document, is.items, depth + 1)];
  if (is.properties) {
    const wanted = is.required?.length ? is.required : Object.keys(is.properties).slice(0, 3);
    return Object.fromEntries(
      wanted.map((name) => [name, exampleOf(document, is.properties?.[name], depth + 1)]),
    );
  }
  if (type === 'integer' || type === 'number') return is.minimum ?? 1;
  if (type === 'boolean') return true;
  if (is.format === 'date') return '2026-01-31';
  if (is.format === 'date-time') return '2026-01-31T12:00:00Z';
  return '';
}

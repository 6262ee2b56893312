// The one way to the server: typed by its OpenAPI document, failures as Problem.
import createClient from 'openapi-fetch';
import type { components, paths } from './schema';

export type Schemas = components['schemas'];

/** Why a call failed, in the words of the server (RFC 9457) or of the network. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    readonly detail: string,
    readonly field: string | null = null,
    readonly requestId: string | null = null,
  ) {
    super(detail);
  }

  get isOffline() {
    return this.status === 0;
  }
  get isForbidden() {
    return this.status === 403;
  }
  get isMissing() {
    return this.status === 404;
  }
  /** Somebody else changed the record since it was read. */
  get isStale() {
    return this.status === 412;
  }
}

export const api = createClient<paths>({
  baseUrl: '',
  querySerializer: { array: { style: 'form', explode: false } },
});

const signedOutListeners = new Set<() => void>();

/** Tells when a call finds that nobody is signed in any more. */
export function onSignedOut(listener: () => void) {
  signedOutListeners.add(listener);
  return () => signedOutListeners.delete(listener);
}

/** The problem that an answer tells; also says that nobody is signed in where it does. */
export function refusalOf(response: { status: number }, body: unknown): Problem {
  if (response.status === 401) signedOutListeners.forEach((listener) => listener());
  const told = (body ?? {}) as Partial<Schemas['Problem']> & { request_id?: string };
  return new Problem(
    response.status,
    told.code ?? 'unexpected',
    told.title ?? 'The server did not answer as expected',
    told.detail ?? `It answered ${response.status}.`,
    told.field ?? null,
    told.request_id ?? null,
  );
}

export function asProblem(failure: unknown): Problem {
  if (failure instanceof Problem) return failure;
  return new Problem(
    0,
    'offline',
    'No connection',
    'The server cannot be reached. What you see may be old; this is tried again.',
  );
}

type Answer<T> = { data?: T; error?: unknown; response: Response };

async function answerOf<T>(call: Promise<Answer<T>>): Promise<Answer<T>> {
  let answer: Answer<T>;
  try {
    answer = await call;
  } catch (failure) {
    if (failure instanceof DOMException && failure.name === 'AbortError') throw failure;
    throw asProblem(failure);
  }
  if (answer.response.ok) return answer;
  throw refusalOf(answer.response, answer.error);
}

/** The answer's data. Throws a Problem. */
export async function data<T>(call: Promise<Answer<T>>): Promise<T> {
  return (await answerOf(call)).data as T;
}

/** The header that says which version a change was made to. */
export function ifMatch(version: number) {
  return { 'If-Match': `"${version}"` };
}

/** A fresh key: a call that is repeated with it writes once. Give it as a parameter of the call, so
 *  that the compiler knows whether the call takes one. */
export function idempotencyKey() {
  return { 'Idempotency-Key': crypto.randomUUID() };
}

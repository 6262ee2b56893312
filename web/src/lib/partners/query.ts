// What the list of partners shows, as it stands in the address.
import type { paths, components } from '$lib/api/schema';
import { param } from '$lib/state/url';

type Query = NonNullable<paths['/api/v1/partners']['get']['parameters']['query']>;
export type Filter = components['schemas']['PartnerFilter'];
export type Status = components['schemas']['PartnerRow']['status'];

export const statuses: Status[] = ['prospect', 'onboarding', 'active', 'suspended', 'ended'];

/** Parameters of the address that narrow the list. */
export const filterNames = [
  'search',
  'manager',
  'status',
  'country',
  'product',
  'tag',
  'tier',
  'parent',
  'without_contact',
  'archived',
] as const;

/** The filter as the API takes it in a body. */
export function filterOfPage(): Filter {
  const filter: Filter = {};
  for (const name of [
    'search',
    'manager',
    'country',
    'product',
    'tag',
    'tier',
    'parent',
  ] as const) {
    const value = param(name);
    if (value) filter[name] = value;
  }
  if (param('status')) filter.status = param('status').split(',');
  if (param('without_contact')) filter.without_contact = true;
  const archived = param('archived');
  if (archived === 'only' || archived === 'all') filter.archived = archived;
  return filter;
}

export function isFiltered() {
  return filterNames.some((name) => param(name));
}

/** Columns that are always there; every other order is by a metric. */
const columns = ['name', 'status', 'country', 'city', 'manager', 'tier', 'created', 'updated'];

export function sortOfPage() {
  return param('sort') || 'name';
}

/** The metric that the list is sorted by; '' for none. */
export function metricOfPage() {
  const code = sortOfPage().replace(/^-/, '');
  return columns.includes(code) ? '' : code;
}

/** How many numbers the API reads for one list. */
export const NUMBERS_MAX = 5;
const NUMBERS_DEFAULT = 'sales';
const NONE = 'none';

/** Codes of the metrics that have a column; the one that the list is sorted by always has. */
export function numbersOfPage() {
  const text = param('numbers') || NUMBERS_DEFAULT;
  const chosen = text === NONE ? [] : text.split(',').slice(0, NUMBERS_MAX);
  const sorted = metricOfPage();
  return sorted && !chosen.includes(sorted)
    ? [...chosen.slice(0, NUMBERS_MAX - 1), sorted]
    : chosen;
}

/** As the address keeps them; null: the usual ones. */
export function numbersParam(codes: string[]) {
  const text = codes.join(',') || NONE;
  return text === NUMBERS_DEFAULT ? null : text;
}

/** What the list, and its export, are asked for. */
export function orderQuery(window: { from: string; to: string }) {
  const order = { ...filterOfPage(), sort: sortOfPage() };
  return numbersOfPage().length ? { ...order, from: window.from, to: window.to } : order;
}

export function listQuery(window: { from: string; to: string }): Query {
  const metrics = numbersOfPage().filter((code) => code !== metricOfPage());
  const query: Query = { ...orderQuery(window), limit: 100 };
  return metrics.length ? { ...query, metrics } : query;
}

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

/** The metric that the list is sorted by and shows; '' for none. */
export function metricOfPage() {
  const code = sortOfPage().replace(/^-/, '');
  return columns.includes(code) ? '' : code;
}

export function listQuery(window: { from: string; to: string }): Query {
  const query: Query = { ...filterOfPage(), sort: sortOfPage(), limit: 50 };
  return metricOfPage() ? { ...query, from: window.from, to: window.to } : query;
}

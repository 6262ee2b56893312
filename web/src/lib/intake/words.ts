// What states, records and fields of imports are called.
import type { Schemas } from '$lib/api/client';
import { kindLabel } from '$lib/fact/kinds';
import { count } from '$lib/format/format';

type State = Schemas['Import']['state'];
type Tone = 'plain' | 'accent' | 'good' | 'warn' | 'bad';

export const states: Record<State, { label: string; tone: Tone }> = {
  open: { label: 'not imported yet', tone: 'warn' },
  queued: { label: 'waiting', tone: 'accent' },
  applying: { label: 'importing', tone: 'accent' },
  applied: { label: 'imported', tone: 'good' },
  failed: { label: 'failed', tone: 'bad' },
  cancelled: { label: 'stopped', tone: 'warn' },
  undoing: { label: 'taking back', tone: 'accent' },
  undone: { label: 'taken back', tone: 'plain' },
  discarded: { label: 'discarded', tone: 'plain' },
};

/** The server is at work on it. */
export function isMoving(state: State) {
  return state === 'queued' || state === 'applying' || state === 'undoing';
}

/** What an import is called: one of its files. */
export function titleOf(told: Pick<Schemas['Import'], 'first_file' | 'file_total'>) {
  if (!told.first_file) return 'No file';
  const others = told.file_total - 1;
  return others > 0 ? `${told.first_file} and ${count(others, 'other')}` : told.first_file;
}

const makes: Record<string, string> = {
  partner: 'Partner',
  contact: 'Contact',
  product: 'Product',
};

/** A record of a mapping, or the entity of a count. */
export function makeLabel(make: string) {
  return makes[make] ?? kindLabel(make);
}

const fields: Record<string, string> = {
  external: 'Its own id',
  partner: 'Whose it is',
  contact: 'Contact',
  product: 'Product',
  order: 'The order it is part of',
  at: 'Day or time',
  quantity: 'Quantity or duration',
  amount: 'Amount',
  unit_price: 'Price of one',
  sum: 'Amount, summed over its lines',
  sum_quantity: 'Quantity, summed over its lines',
  refunded: 'Refunded amount',
  gross: 'Paid with tax and shipping',
  shipping: 'Shipping',
  cost: 'Cost',
  unit_cost: 'Cost of one',
  currency: 'Currency',
  ref: 'Number to show',
  note: 'Note',
  name: 'Name',
  title: 'Job title',
  email: 'Mail address',
  phone: 'Phone',
  mobile: 'Mobile phone',
  phone2: 'Second phone',
  code: 'Code',
  category: 'Category',
  subcategory: 'Subcategory',
  status: 'Status',
  tag: 'Tag',
  address_line1: 'Street',
  address_line2: 'Second line of the address',
  city: 'City',
  region: 'Region',
  postal_code: 'Postal code',
  country: 'Country',
  domain: 'Domain',
  primary_dns: 'Primary name server',
  secondary_dns: 'Secondary name server',
  sla: 'Service level',
  tier: 'Tier',
  manager: 'Manager',
  parent: 'Belongs to partner',
  language: 'Language',
  time_zone: 'Time zone',
};

export function fieldLabel(field: string) {
  return fields[field] ?? field;
}

export const rowWords = [
  ['created', 'New'],
  ['updated', 'Changed'],
  ['unchanged', 'In already'],
  ['skipped', 'Left out'],
  ['unassigned', 'Belong to nobody'],
  ['refused', 'Refused'],
] as const;

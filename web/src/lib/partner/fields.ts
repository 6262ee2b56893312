// The fields of a partner's record: their names, their order, what helps to fill them in.
import { country } from '$lib/format/format';
import type { Partner } from './screen.svelte';

export const fieldNames = [
  'name',
  'domain',
  'tier',
  'sla',
  'parent',
  'address_line1',
  'address_line2',
  'city',
  'region',
  'postal_code',
  'country',
  'phone',
  'phone2',
  'primary_dns',
  'secondary_dns',
  'currency',
  'language',
  'time_zone',
  'note',
] as const;
export type FieldName = (typeof fieldNames)[number];

export const labels: Record<FieldName, string> = {
  name: 'Business name',
  domain: 'Domain name',
  tier: 'Tier',
  sla: 'Service level agreement',
  parent: 'Parent partner',
  address_line1: 'Address',
  address_line2: 'Address, second line',
  city: 'City',
  region: 'Region',
  postal_code: 'Postal code',
  country: 'Country',
  phone: 'Phone',
  phone2: 'Second phone or fax',
  primary_dns: 'Primary DNS',
  secondary_dns: 'Secondary DNS',
  currency: 'Currency',
  language: 'Language',
  time_zone: 'Time zone',
  note: 'Note',
};

export const help: Partial<Record<FieldName, string>> = {
  domain: 'A domain, web address or mail address.',
  country: 'A code of two letters, or the English name.',
  phone: 'With +, or as it is dialled in the country.',
  primary_dns: 'A name server: host name or address.',
  currency: 'Empty: the organisation’s.',
  language: 'As in “de” or “pt-BR”.',
  time_zone: 'The partner’s days begin and end by it. Empty: the organisation’s.',
  note: 'For the vendor’s own staff; the partner does not see it.',
};

export const groups: { title: string; fields: FieldName[] }[] = [
  { title: 'Company', fields: ['name', 'domain', 'tier', 'sla', 'parent'] },
  {
    title: 'Address',
    fields: ['address_line1', 'address_line2', 'city', 'region', 'postal_code', 'country'],
  },
  { title: 'Lines', fields: ['phone', 'phone2', 'primary_dns', 'secondary_dns'] },
  { title: 'Language, money and time', fields: ['language', 'currency', 'time_zone'] },
];

/** As it is typed. */
export function textOf(partner: Partner, field: FieldName) {
  return field === 'parent' ? (partner.parent?.id ?? '') : (partner[field] ?? '');
}

/** As it is read. */
export function shownOf(partner: Partner, field: FieldName) {
  if (field === 'parent') return partner.parent?.name;
  return field === 'country' ? country(partner.country) : partner[field];
}

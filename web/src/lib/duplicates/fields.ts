// What of two records is laid side by side before they become one.
import type { Schemas } from '$lib/api/client';
import { country, day } from '$lib/format/format';

export type Partner = Schemas['Partner'];

const address = (partner: Partner) =>
  [
    partner.address_line1,
    partner.address_line2,
    [partner.postal_code, partner.city].filter(Boolean).join(' '),
    partner.region,
    country(partner.country),
  ]
    .filter(Boolean)
    .join(', ');

type Line = {
  label: string;
  of: (partner: Partner) => string;
  /** Both sides' are kept. */
  adds?: true;
};

export const lines: Line[] = [
  { label: 'Status', of: (partner) => partner.status },
  { label: 'Manager', of: (partner) => partner.manager.name },
  { label: 'Tier', of: (partner) => partner.tier ?? '' },
  { label: 'Address', of: address },
  { label: 'Phone', of: (partner) => partner.phone ?? '' },
  { label: 'Second number', of: (partner) => partner.phone2 ?? '' },
  { label: 'Domain', of: (partner) => partner.domain ?? '' },
  { label: 'Agreement', of: (partner) => partner.sla ?? '' },
  { label: 'Parent', of: (partner) => partner.parent?.name ?? '' },
  { label: 'Currency', of: (partner) => partner.currency },
  { label: 'Time zone', of: (partner) => partner.time_zone },
  { label: 'Contact', of: (partner) => partner.contact?.name ?? '' },
  { label: 'Note', of: (partner) => partner.note ?? '' },
  {
    label: 'External ids',
    of: (partner) => partner.external_ids.map((each) => `${each.system}: ${each.id}`).join(', '),
    adds: true,
  },
  { label: 'Tags', of: (partner) => partner.tags.join(', '), adds: true },
  { label: 'Made', of: (partner) => day(partner.created_at) },
];

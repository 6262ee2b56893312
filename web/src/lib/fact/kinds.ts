// What kinds of facts are called, what they count and how they look.
import { duration, number } from '$lib/format/format';

import type { Schemas } from '$lib/api/client';

/** As the API calls it. */
export type KindCode = Schemas['FactDraft']['kind'];

type Kind = {
  label: string;
  /** What the quantity counts. */
  quantity?: 'units' | 'seconds' | 'minutes';
  tone: 'plain' | 'accent' | 'good' | 'warn' | 'bad';
};

export const kinds: Record<string, Kind> = {
  order: { label: 'Order', quantity: 'units', tone: 'good' },
  item: { label: 'Item', quantity: 'units', tone: 'plain' },
  'call.made': { label: 'Call made', quantity: 'seconds', tone: 'accent' },
  'call.received': { label: 'Call received', quantity: 'seconds', tone: 'accent' },
  visit: { label: 'Sales call', quantity: 'minutes', tone: 'accent' },
  'display.on': { label: 'Put on display', tone: 'plain' },
  'display.off': { label: 'Off display', tone: 'plain' },
  'shelf.sold': { label: 'Sold off the shelf', quantity: 'units', tone: 'good' },
  'funnel.call': { label: 'Funnel call', tone: 'accent' },
  'funnel.contact.to': { label: 'Contact with the partner', tone: 'accent' },
  'funnel.contact.by': { label: 'Contact by the partner', tone: 'accent' },
  'deal.registered': { label: 'Deal registered', tone: 'plain' },
  'deal.won': { label: 'Deal won', tone: 'good' },
  'deal.lost': { label: 'Deal lost', tone: 'bad' },
  'account.opened': { label: 'Account opened', tone: 'good' },
  cost: { label: 'Cost', tone: 'warn' },
  'partner.converted': { label: 'Became a partner', tone: 'good' },
};

export function kindLabel(kind: string) {
  return kinds[kind]?.label ?? kind;
}

/** A fact's quantity in its kind's own unit; empty where it says nothing. */
export function factQuantity(fact: { kind: string; quantity: string | null }) {
  if (fact.quantity === null) return '';
  const unit = kinds[fact.kind]?.quantity;
  if (unit === 'seconds') return duration(Number(fact.quantity));
  if (unit === 'minutes') return duration(Number(fact.quantity) * 60);
  return unit ? number(fact.quantity) : '';
}

/** In the order in which they are offered. */
export const kindCodes = Object.keys(kinds) as KindCode[];

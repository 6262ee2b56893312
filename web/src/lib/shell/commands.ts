// What the palette offers: screens and actions by role, partners and numbers by what is typed.
import { goto } from '$app/navigation';
import { api, data, type Schemas } from '$lib/api/client';
import { country } from '$lib/format/format';
import { session } from '$lib/state/session.svelte';
import { theme } from '$lib/state/theme.svelte';
import { toasts } from '$lib/state/toasts.svelte';
import { palette } from './palette.svelte';
import { places } from './places';

export type Command = {
  id: string;
  label: string;
  /** What stands smaller beside it. */
  about: string;
  /** Its keys without the palette. */
  keys?: string;
  /** Where it leads; or what it does. */
  href?: string;
  run?: () => void | Promise<void>;
  /** It goes on asking: this is typed for the user. */
  types?: string;
};

type Metric = Pick<Schemas['Metric'], 'code' | 'name'>;
type Partner = Pick<Schemas['PartnerRow'], 'id' | 'name' | 'city' | 'country'>;

const FOUND = 7;
const NUMBERS = 4;

/** Those of the navigation. */
export function mainScreens(): Command[] {
  return places().map(({ href, label, key }) => ({
    id: href,
    label,
    about: '',
    keys: palette.singleKeys ? `g ${key}` : '',
    href,
  }));
}

export function screens(): Command[] {
  const parts = [
    { id: '/partners/duplicates', label: 'Possible duplicates', shown: session.canChange },
    { id: '/partners/unassigned', label: 'Rows that belong to nobody', shown: session.canChange },
    { id: '/partners/dns', label: 'Domains', shown: !session.partnerId },
    { id: '/settings/organisation', label: 'Organisation', shown: true },
    { id: '/settings/users', label: 'Users', shown: session.isAdministrator },
    { id: '/settings/tokens', label: 'API tokens', shown: session.isAdministrator },
    { id: '/settings/products', label: 'Products', shown: true },
    { id: '/settings/rates', label: 'Exchange rates', shown: !session.partnerId },
    { id: '/settings/account', label: 'Your account', shown: Boolean(session.current?.user_id) },
  ].filter((each) => each.shown);
  return [...mainScreens(), ...parts.map(({ id, label }) => ({ id, label, about: '', href: id }))];
}

async function signOut() {
  try {
    await session.signOut();
  } catch (failure) {
    toasts.fail(failure);
  }
}

export function actions(): Command[] {
  const dark = theme.current === 'dark';
  const change = session.canChange
    ? [
        { id: 'add', label: 'Add a partner', about: '', href: '/partners?add=partner' },
        { id: 'import', label: 'Import files', about: '', href: '/imports' },
      ]
    : [];
  return [
    { id: 'show', label: 'Show sales of …', about: 'Type a partner', types: 'Sales of ' },
    ...change,
    {
      id: 'theme',
      label: dark ? 'Switch to the light theme' : 'Switch to the dark theme',
      about: '',
      run: () => void (theme.current = dark ? 'light' : 'dark'),
    },
    {
      id: 'keys',
      label: 'Shortcuts of the keyboard',
      about: '',
      ...(palette.singleKeys ? { keys: '?' } : {}),
      run: () => void (palette.keysOpen = true),
    },
    { id: 'sign-out', label: 'Sign out', about: '', run: signOut },
  ];
}

const plain = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

/** Every word that is typed begins a word of the label. */
export function matches(label: string, typed: string) {
  const words = plain(label).split(/[^\p{L}\p{N}]+/u);
  return plain(typed)
    .split(/[^\p{L}\p{N}]+/u)
    .every((part) => words.some((word) => word.startsWith(part)));
}

async function partnersLike(search: string, limit: number, signal: AbortSignal) {
  const query = { search, limit };
  return (await data(api.GET('/api/v1/partners', { params: { query }, signal }))).items;
}

function openPartner(partner: Partner): Command {
  const about = [partner.city, country(partner.country)].filter(Boolean).join(', ');
  const href = `/partners/${partner.id}`;
  return { id: href, label: partner.name, about: about || 'Partner', href };
}

function showNumber(metric: Metric, partner: Partner): Command {
  const href = `/partners/${partner.id}/metrics?number=${metric.code}`;
  return { id: href, label: `Show ${metric.name} of ${partner.name}`, about: 'Number', href };
}

/** "show sales of brakes": which numbers of whom. */
function numberAsked(typed: string) {
  const [, number = '', whose = ''] = /^(?:show\s+)?(.+?)\s+of\s+(.*)$/i.exec(typed.trim()) ?? [];
  return number && whose ? { number, whose } : undefined;
}

async function numbersOf(metrics: Metric[], typed: string, signal: AbortSignal) {
  const asked = numberAsked(typed);
  const meant = asked ? metrics.filter((each) => matches(each.name, asked.number)) : [];
  if (!asked || !meant.length) return [];
  const exact = meant.filter((each) => plain(each.name) === plain(asked.number));
  const partners = await partnersLike(asked.whose, NUMBERS, signal);
  return partners.flatMap((partner) =>
    (exact.length ? exact : meant.slice(0, 2)).map((metric) => showNumber(metric, partner)),
  );
}

/** What the server knows of what is typed: partners, and numbers of partners. */
export async function found(metrics: Metric[], typed: string, signal: AbortSignal) {
  const [numbers, partners] = await Promise.all([
    numbersOf(metrics, typed, signal),
    partnersLike(typed.trim(), FOUND, signal),
  ]);
  return { numbers, partners: partners.map(openPartner) };
}

/** Goes there or does it; false: it asks on in the palette. */
export function perform(command: Command) {
  if (command.types) return false;
  palette.open = false;
  if (command.href) void goto(command.href);
  void command.run?.();
  return true;
}

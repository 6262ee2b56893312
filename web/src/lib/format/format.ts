// Numbers, money, days and times in the reader's language. The API's decimals are text and stay
// exact: Intl formats text without going through a double.
const locale = navigator.languages[0] ?? 'en';
export const NO_DATA = 'no data';

const cache = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>();

function numberFormat(options: Intl.NumberFormatOptions) {
  const key = 'n' + JSON.stringify(options);
  let format = cache.get(key) as Intl.NumberFormat | undefined;
  if (!format) cache.set(key, (format = new Intl.NumberFormat(locale, options)));
  return format;
}

function timeFormat(options: Intl.DateTimeFormatOptions) {
  const key = 't' + JSON.stringify(options);
  let format = cache.get(key) as Intl.DateTimeFormat | undefined;
  if (!format) cache.set(key, (format = new Intl.DateTimeFormat(locale, options)));
  return format;
}

type Decimal = string | number | null | undefined;

function format(value: Decimal, options: Intl.NumberFormatOptions) {
  if (value === null || value === undefined) return NO_DATA;
  return numberFormat(options).format(value as Intl.StringNumericLiteral);
}

export function money(value: Decimal, currency: string | null | undefined) {
  if (!currency) return number(value);
  return format(value, { style: 'currency', currency });
}

/** For axes and tiles where there is little room: $1.2M. */
export function moneyShort(value: Decimal, currency: string | null | undefined) {
  const short = { notation: 'compact', maximumFractionDigits: 1 } as const;
  return format(value, currency ? { style: 'currency', currency, ...short } : short);
}

export function number(value: Decimal) {
  return format(value, { maximumFractionDigits: 3 });
}

export function numberShort(value: Decimal) {
  return format(value, { notation: 'compact', maximumFractionDigits: 1 });
}

/** 0.25 is 25 %. */
export function percent(ratio: Decimal) {
  return format(ratio, { style: 'percent', maximumFractionDigits: 1 });
}

/** A metric's value by its unit, as the catalogue names units. */
export function metricValue(value: Decimal, unit: string, currency?: string | null) {
  if (value === null || value === undefined) return NO_DATA;
  switch (unit) {
    case 'money':
      return money(value, currency);
    case 'ratio':
      return percent(value);
    case 'time':
      return day(String(value));
    case 'seconds':
      return duration(Number(value));
    case 'minutes':
      return duration(Number(value) * 60);
    case 'days':
      return format(value, {
        style: 'unit',
        unit: 'day',
        unitDisplay: 'long',
        maximumFractionDigits: 1,
      });
    default:
      return number(value);
  }
}

export function duration(seconds: number) {
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  if (hours) return `${number(hours)} h ${minutes} min`;
  if (minutes) return `${minutes} min ${Math.round(seconds % 60)} s`;
  return `${Math.round(seconds)} s`;
}

/** "2026-11-25" is a calendar day and belongs to no zone; an instant is shown in `timeZone`. */
export function day(value: string | null | undefined, timeZone = 'UTC') {
  if (!value) return NO_DATA;
  const zone = value.length === 10 ? 'UTC' : timeZone;
  return timeFormat({ dateStyle: 'medium', timeZone: zone }).format(new Date(value));
}

export function dayAndTime(value: string | null | undefined, timeZone: string) {
  if (!value) return NO_DATA;
  return timeFormat({ dateStyle: 'medium', timeStyle: 'short', timeZone }).format(new Date(value));
}

export function time(value: string, timeZone: string) {
  return timeFormat({ hour: '2-digit', minute: '2-digit', second: '2-digit', timeZone }).format(
    new Date(value),
  );
}

/** "Wed", of a calendar day. */
export function weekday(value: string) {
  return timeFormat({ weekday: 'short', timeZone: 'UTC' }).format(new Date(value));
}

const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });

/** "5 minutes ago". */
export function ago(value: string | null | undefined, now = Date.now()) {
  if (!value) return NO_DATA;
  const seconds = (new Date(value).getTime() - now) / 1000;
  const steps: [Intl.RelativeTimeFormatUnit, number][] = [
    ['year', 31556952],
    ['month', 2629746],
    ['day', 86400],
    ['hour', 3600],
    ['minute', 60],
  ];
  for (const [unit, size] of steps)
    if (Math.abs(seconds) >= size) return relative.format(Math.round(seconds / size), unit);
  return relative.format(Math.round(seconds), 'second');
}

const regions = new Intl.DisplayNames(locale, { type: 'region' });

export function country(code: string | null | undefined) {
  if (!code) return '';
  return regions.of(code) ?? code;
}

export function bytes(count: number) {
  if (count < 1000) return `${number(count)} B`;
  if (count < 1e6)
    return format(count / 1e3, { style: 'unit', unit: 'kilobyte', maximumFractionDigits: 0 });
  return format(count / 1e6, { style: 'unit', unit: 'megabyte', maximumFractionDigits: 1 });
}

/** The one plural rule of an English page: 1 partner, 2 partners. */
export function count(value: Decimal, one: string, many = one + 's') {
  return `${number(value)} ${Number(value) === 1 ? one : many}`;
}

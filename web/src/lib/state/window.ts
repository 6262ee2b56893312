// The window of time that numbers are for: a named one that moves with the days, or two days.
import { day } from '$lib/format/format';
import { param } from './url';

export type Window = {
  /** The first day. */
  from: string;
  /** The day after the last, as the API has it. */
  to: string;
  label: string;
  /** The steps that a chart of it has. */
  by: 'day' | 'week' | 'month' | 'quarter';
};

export const presets = [
  { code: '7d', label: 'Last 7 days', days: 7 },
  { code: '30d', label: 'Last 30 days', days: 30 },
  { code: '90d', label: 'Last 90 days', days: 90 },
  { code: '1y', label: 'Last 12 months', days: 365 },
  { code: '5y', label: 'Last 5 years', days: 1826 },
] as const;
export const DEFAULT_PRESET = '30d';

const DAY_MS = 86400000;

export function today(timeZone: string) {
  // Swedish writes days as ISO 8601 does.
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(new Date());
}

export function addDays(date: string, days: number) {
  return new Date(Date.parse(date) + days * DAY_MS).toISOString().slice(0, 10);
}

export function daysOf(window: { from: string; to: string }) {
  return Math.round((Date.parse(window.to) - Date.parse(window.from)) / DAY_MS);
}

function stepOf(days: number): Window['by'] {
  if (days <= 31) return 'day';
  if (days <= 190) return 'week';
  return days <= 2000 ? 'month' : 'quarter';
}

const isDay = (text: string) => /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));

let last: Window | undefined;

/** The same object while it says the same, so that nothing is loaded again for it. */
function kept(window: Window) {
  const same = last?.from === window.from && last.to === window.to && last.label === window.label;
  if (!last || !same) last = window;
  return last;
}

/** What the address asks for; the last 30 days without. */
export function windowOfPage(timeZone: string): Window {
  const [from, to] = [param('from'), param('to')];
  if (isDay(from) && isDay(to) && from < to) {
    const label = `${day(from)} to ${day(addDays(to, -1))}`;
    return kept({ from, to, label, by: stepOf(daysOf({ from, to })) });
  }
  return kept(windowOf(param('window') || DEFAULT_PRESET, timeZone));
}

/** A named one, as it is today. */
export function windowOf(code: string, timeZone: string): Window {
  const preset = presets.find((each) => each.code === code) ?? presets[1];
  const end = addDays(today(timeZone), 1);
  const start = addDays(end, -preset.days);
  return { from: start, to: end, label: preset.label, by: stepOf(preset.days) };
}

/** The window of the same length right before. */
export function previousOf(window: Window) {
  return { from: addDays(window.from, -daysOf(window)), to: window.from };
}

/** How far the zone's clock is ahead of UTC at an instant. */
function zoneAheadMs(at: number, timeZone: string) {
  const options = { timeZone, dateStyle: 'short', timeStyle: 'medium' } as const;
  // Swedish writes instants as ISO 8601 does, but for the T.
  const told = new Intl.DateTimeFormat('sv-SE', options).format(at);
  return Date.parse(`${told.replace(' ', 'T')}Z`) - Math.floor(at / 1000) * 1000;
}

/** When the day that comes `later` days after `date` begins in a zone, as an instant; '' for no day. */
export function startOfDay(date: string, later: number, timeZone: string) {
  if (!isDay(date)) return '';
  const midnight = Date.parse(addDays(date, later));
  // The second look is right where the clock was moved in between.
  const near = midnight - zoneAheadMs(midnight, timeZone);
  return new Date(midnight - zoneAheadMs(near, timeZone)).toISOString();
}

// Metrics over time of a partner, a group or the channel, with the window before.
import { api, data, type Schemas } from '$lib/api/client';
import type { Window } from '$lib/state/window';
import type { Scope } from './scope';

/** A step of the window, or of the window before. */
export type Point = Pick<Schemas['MetricPoint'], 'value' | 'values' | 'reporting'>;
export type Series = Schemas['MetricSeries'];

export function loadSeries(
  scope: Scope,
  window: Window,
  metrics: string[],
  signal: AbortSignal,
): Promise<Series> {
  const { from, to, by } = window;
  return data(
    api.GET('/api/v1/metrics/series', {
      params: { query: { ...scope, metrics, by, from, to, compare: 'previous' } },
      signal,
    }),
  );
}

/** Some source has delivered what one of these metrics counts. */
export function hasData(told: Series, codes: string[]) {
  const lines = told.items.filter((line) => codes.includes(line.code));
  return lines.some((line) => line.points.some((point) => point.values.length));
}

/** The one currency in which something happened; where there are several, the reporting one. */
export function currencyOf(points: Point[], reporting: string) {
  const all = points.flatMap((point) => point.values);
  const moved = new Set(all.filter((each) => each.n).map((each) => each.currency));
  if (moved.size > 1) return reporting;
  return [...moved][0] ?? all[0]?.currency ?? reporting;
}

/** A point's number in that currency; null: no data. */
export function valueOf(point: Point, currency: string | null) {
  if (currency === null) return point.value === null ? null : Number(point.value);
  const moved = point.values.filter((each) => each.n);
  // A step in which nothing happened is 0 in every currency.
  if (!moved.length) return point.values.length ? 0 : null;
  if (moved.length === 1 && moved[0]!.currency === currency) return Number(moved[0]!.value);
  return point.reporting?.currency === currency ? Number(point.reporting.value) : null;
}

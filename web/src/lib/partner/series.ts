// Lines over time of one partner, some with the window before.
import { api, data, type Schemas } from '$lib/api/client';
import { previousOf, type Window } from '$lib/state/window';

export type Point = Schemas['MetricPoint'];
export type PartnerSeries = {
  lines: Schemas['MetricLine'][];
  before: Schemas['MetricLine'][];
  reporting: string;
};

export async function loadSeries(
  partner: string,
  window: Window,
  metrics: string[],
  compared: string[],
  signal: AbortSignal,
): Promise<PartnerSeries> {
  const load = (days: { from: string; to: string }, codes: string[]) =>
    data(
      api.GET('/api/v1/metrics/series', {
        params: {
          query: { partner, metrics: codes, by: window.by, from: days.from, to: days.to },
        },
        signal,
      }),
    );
  const [now, before] = await Promise.all([
    load(window, metrics),
    load(previousOf(window), compared),
  ]);
  return { lines: now.items, before: before.items, reporting: now.reporting_currency };
}

/** The one currency of the points; where there are several, the reporting currency. */
export function currencyOf(points: Point[], reporting: string) {
  const all = new Set(points.flatMap((point) => point.values.map((value) => value.currency)));
  return all.size === 1 ? [...all][0]! : reporting;
}

/** A point's number in that currency; null: no data. */
export function valueOf(point: Point, currency: string | null) {
  if (currency === null) return point.value === null ? null : Number(point.value);
  const value =
    point.values.find((each) => each.currency === currency && point.values.length === 1) ??
    (point.reporting?.currency === currency ? point.reporting : null);
  return value ? Number(value.value) : null;
}

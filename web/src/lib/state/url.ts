// What is shown stands in the address, so that it can be shared and the way back works.
import { goto } from '$app/navigation';
import { page } from '$app/state';

/** The address with these parameters changed; null or '' takes one out. */
export function withParams(changes: Record<string, string | null>) {
  const url = new URL(page.url);
  for (const [name, value] of Object.entries(changes)) {
    if (value) url.searchParams.set(name, value);
    else url.searchParams.delete(name);
  }
  return url.pathname + url.search;
}

/** Typing and choosing replace the entry of the way back; opening something adds one. */
export function setParams(changes: Record<string, string | null>, { add = false } = {}) {
  return goto(withParams(changes), { replaceState: !add, keepFocus: true, noScroll: true });
}

export function param(name: string) {
  return page.url.searchParams.get(name) ?? '';
}

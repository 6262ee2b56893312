// Which part of the channel is shown, as it stands in the address.
import type { Scope } from '$lib/metric/scope';
import { param } from '$lib/state/url';

export const groupNames = ['manager', 'country', 'tier', 'tag'] as const;

export function groupOfPage(): Scope {
  const scope: Scope = {};
  for (const name of groupNames) if (param(name)) scope[name] = param(name);
  return scope;
}

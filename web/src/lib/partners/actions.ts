// Actions on many partners, each with its way back.
import { api, data, idempotencyKey } from '$lib/api/client';
import { count } from '$lib/format/format';
import { toasts } from '$lib/state/toasts.svelte';
import type { Status } from './query';
import type { Row } from './selection.svelte';

const idsOf = (rows: Row[]) => rows.map((row) => row.id);

function groupBy(rows: Row[], key: (row: Row) => string) {
  return [...Map.groupBy(rows, key)];
}

function assign(ids: string[], manager: string) {
  return data(
    api.POST('/api/v1/partners/assign', { headers: idempotencyKey(), body: { ids, manager } }),
  );
}

function setStatus(ids: string[], status: Status) {
  return data(
    api.POST('/api/v1/partners/status', { headers: idempotencyKey(), body: { ids, status } }),
  );
}

function tag(ids: string[], change: { add?: string[]; remove?: string[] }) {
  return data(
    api.POST('/api/v1/partners/tags', { headers: idempotencyKey(), body: { ids, ...change } }),
  );
}

/** `after` runs when the list should show it: after the action, and after its way back. */
export async function assignAll(
  rows: Row[],
  manager: { id: string; name: string },
  after: () => void,
) {
  const done = await assign(idsOf(rows), manager.id);
  after();
  toasts.undoable(`${count(done.changed, 'partner')} given to ${manager.name}.`, async () => {
    for (const [before, of] of groupBy(rows, (row) => row.manager.id))
      await assign(idsOf(of), before);
    after();
  });
}

export async function setStatusOfAll(rows: Row[], status: Status, after: () => void) {
  const done = await setStatus(idsOf(rows), status);
  after();
  const text = `${count(done.changed, 'partner')} set to ${status}.`;
  toasts.undoable(text, async () => {
    const moved = rows.filter((row) => row.status !== status);
    for (const [before, of] of groupBy(moved, (row) => row.status))
      await setStatus(idsOf(of), before as Status);
    after();
  });
}

export async function addTagToAll(rows: Row[], name: string, after: () => void) {
  const without = rows.filter((row) => !row.tags.includes(name));
  const done = await tag(idsOf(rows), { add: [name] });
  after();
  toasts.undoable(`${count(done.changed, 'partner')} tagged ${name}.`, async () => {
    if (without.length) await tag(idsOf(without), { remove: [name] });
    after();
  });
}

export async function removeTagFromAll(rows: Row[], name: string, after: () => void) {
  const having = rows.filter((row) => row.tags.includes(name));
  const done = await tag(idsOf(rows), { remove: [name] });
  after();
  toasts.undoable(`${count(done.changed, 'partner')} no longer tagged ${name}.`, async () => {
    if (having.length) await tag(idsOf(having), { add: [name] });
    after();
  });
}

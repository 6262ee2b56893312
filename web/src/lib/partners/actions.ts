// Actions on many partners, each with its way back.
import { api, data, idempotencyKey, Problem } from '$lib/api/client';
import { saveCsv } from '$lib/format/files';
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
    api.POST('/api/v1/partners/assign', {
      params: { header: idempotencyKey() },
      body: { ids, manager },
    }),
  );
}

function setStatus(ids: string[], status: Status) {
  return data(
    api.POST('/api/v1/partners/status', {
      params: { header: idempotencyKey() },
      body: { ids, status },
    }),
  );
}

function tag(ids: string[], change: { add?: string[]; remove?: string[] }) {
  return data(
    api.POST('/api/v1/partners/tags', {
      params: { header: idempotencyKey() },
      body: { ids, ...change },
    }),
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
    const moved = rows.filter((row) => row.manager.id !== manager.id);
    for (const [before, of] of groupBy(moved, (row) => row.manager.id))
      await assign(idsOf(of), before);
    after();
  });
}

type Moved = { rows: Row[]; refused: string[] };

/** Those of one status may all move, or none may: so each status is an action of its own. */
async function moveByStatus(rows: Row[], status: Status): Promise<Moved> {
  const moved: Moved = { rows: [], refused: [] };
  const others = rows.filter((row) => row.status !== status);
  for (const [before, of] of groupBy(others, (row) => row.status)) {
    try {
      await setStatus(idsOf(of), status);
      moved.rows.push(...of);
    } catch (failure) {
      if (!(failure instanceof Problem) || failure.isOffline) throw failure;
      moved.refused.push(`${count(of.length, 'partner')} stayed ${before}: ${failure.detail}`);
    }
  }
  return moved;
}

export async function setStatusOfAll(rows: Row[], status: Status, after: () => void) {
  const { rows: moved, refused } = await moveByStatus(rows, status).finally(after);
  const text = `${count(moved.length, 'partner')} set to ${status}.`;
  if (refused.length) toasts.fail(refused.join(' '));
  if (!moved.length) {
    if (!refused.length) toasts.tell(text);
    return;
  }
  toasts.undoable(text, async () => {
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

/** The chosen ones as a file; the whole list is exported by the server. */
export function exportChosen(rows: Row[]) {
  const head = ['id', 'name', 'status', 'tier', 'city', 'country', 'domain', 'phone', 'manager'];
  saveCsv('partners', [
    [...head, 'contact', 'contact_email', 'tags'],
    ...rows.map((row) => [
      row.id,
      row.name,
      row.status,
      row.tier,
      row.city,
      row.country,
      row.domain,
      row.phone,
      row.manager.name,
      row.contact?.name ?? null,
      row.contact?.email ?? null,
      row.tags.join(', '),
    ]),
  ]);
}

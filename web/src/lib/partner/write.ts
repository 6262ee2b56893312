// Single changes of a partner: each at once, with the way back.
import { api, data, idempotencyKey, ifMatch, Problem, type Schemas } from '$lib/api/client';
import { toasts } from '$lib/state/toasts.svelte';
import type { Partner, PartnerScreen } from './screen.svelte';

type Status = Partner['status'];

/** Runs a write and shows its answer; true when it is done. Never rejects. */
export async function attempt(screen: PartnerScreen, write: () => Promise<Partner>) {
  try {
    screen.partner.data = await write();
    return true;
  } catch (failure) {
    // Somebody else was faster: what is shown next is theirs.
    if (failure instanceof Problem && failure.isStale) await screen.partner.reload();
    toasts.fail(failure);
    return false;
  }
}

function paramsOf(partner: Partner) {
  return { path: { id: partner.id }, header: ifMatch(partner.version) };
}

export function change(partner: Partner, body: Schemas['PartnerChange']) {
  return data(api.PATCH('/api/v1/partners/{id}', { params: paramsOf(partner), body }));
}

export async function moveTo(screen: PartnerScreen, status: Status) {
  const before = screen.partner.data;
  if (!before) return;
  const move = (partner: Partner, to: Status) =>
    attempt(screen, () =>
      data(
        api.POST('/api/v1/partners/{id}/status', {
          params: paramsOf(partner),
          body: { status: to },
        }),
      ),
    );
  if (!(await move(before, status))) return;
  const moved = screen.partner.data!;
  screen.happened();
  const told = `${moved.name} is ${status} now.`;
  // Not every move has a way back; the server says which.
  if (!moved.moves.includes(before.status)) toasts.tell(told);
  else
    toasts.undoable(told, async () => {
      await move(screen.partner.data!, before.status);
    });
}

export async function assignTo(screen: PartnerScreen, manager: Schemas['Manager']) {
  const before = screen.partner.data;
  if (!before || before.manager.id === manager.id) return;
  if (!(await attempt(screen, () => change(before, { manager: manager.id })))) return;
  toasts.undoable(`${manager.name} is responsible now.`, async () => {
    await attempt(screen, () => change(screen.partner.data!, { manager: before.manager.id }));
  });
}

export async function moveToArchive(screen: PartnerScreen, archived: boolean): Promise<void> {
  const partner = screen.partner.data;
  if (!partner) return;
  const params = paramsOf(partner);
  const done = await attempt(screen, () =>
    data(
      archived
        ? api.POST('/api/v1/partners/{id}/archive', { params })
        : api.POST('/api/v1/partners/{id}/restore', { params }),
    ),
  );
  if (!done) return;
  toasts.undoable(
    archived ? `${partner.name} is archived.` : `${partner.name} is back in all lists.`,
    () => moveToArchive(screen, !archived),
  );
}

function setTag(screen: PartnerScreen, tag: string, on: boolean) {
  const partner = screen.partner.data!;
  const params = { path: { id: partner.id, tag }, header: idempotencyKey() };
  // A tag with a slash is no segment of a path.
  if (tag.includes('/')) {
    const others = partner.tags.filter((each) => each !== tag);
    return change(partner, { tags: on ? [...others, tag] : others });
  }
  return data(
    on
      ? api.PUT('/api/v1/partners/{id}/tags/{tag}', { params })
      : api.DELETE('/api/v1/partners/{id}/tags/{tag}', { params }),
  );
}

/** Rejects with the server's Problem: it is shown where the tag was typed. */
export async function addTag(screen: PartnerScreen, tag: string) {
  screen.partner.data = await setTag(screen, tag, true);
}

export async function removeTag(screen: PartnerScreen, tag: string) {
  if (!(await attempt(screen, () => setTag(screen, tag, false)))) return;
  toasts.undoable(`The tag “${tag}” is taken off.`, async () => {
    await attempt(screen, () => setTag(screen, tag, true));
  });
}

/** An answer that is not the record itself, with the way back. */
export async function setCarried(
  partner: Partner,
  product: { id: string; name: string },
  carried: boolean,
  done: () => void,
): Promise<void> {
  const params = { path: { id: partner.id, product_id: product.id } };
  try {
    await data(
      carried
        ? api.PUT('/api/v1/partners/{id}/products/{product_id}', { params })
        : api.DELETE('/api/v1/partners/{id}/products/{product_id}', { params }),
    );
    toasts.undoable(
      carried ? `${product.name} is carried.` : `${product.name} is carried no longer.`,
      () => setCarried(partner, product, !carried, done),
    );
  } catch (failure) {
    toasts.fail(failure);
  }
  done();
}

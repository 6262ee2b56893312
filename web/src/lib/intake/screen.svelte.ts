// An import as its screen sees it: read again while the server works on it, previewed while it is
// open, changed and moved.
import { api, asProblem, data, ifMatch, type Schemas } from '$lib/api/client';
import { resource } from '$lib/api/resource.svelte';
import { Submission } from '$lib/state/submission.svelte';
import { session } from '$lib/state/session.svelte';
import { toasts } from '$lib/state/toasts.svelte';
import { uploads } from './uploads.svelte';
import { isMoving } from './words';

type Import = Schemas['Import'];
type Move = 'apply' | 'cancel' | 'undo';

const POLL_MS = 700;

export class ImportScreen {
  #id: () => string;
  told;
  preview;
  choices = new Submission();
  moving = $state(false);

  /** Call it while the screen is made. */
  constructor(id: () => string) {
    this.#id = id;
    this.told = resource((signal) =>
      data(api.GET('/api/v1/imports/{id}', { params: { path: { id: id() } }, signal })),
    );
    this.preview = resource((signal) => {
      const state = this.#previewed;
      return state
        ? data(
            api.POST('/api/v1/imports/{id}/preview', {
              params: { path: { id: state.split(' ')[0] as string } },
              signal,
            }),
          )
        : null;
    });
    $effect(() => this.#poll());
    // Files that are still being sent into it.
    $effect(() => {
      if (uploads.latest?.id === id()) void this.told.reload();
    });
  }

  /** What the preview is of; '' where there can be none. */
  #previewed = $derived.by(() => {
    const told = this.told.data;
    if (told?.state !== 'open' || !told.files.length || this.unknown.length) return '';
    const { busy, latest } = uploads;
    // A file that was just taken is not in it yet.
    const isOld = latest?.id === told.id && latest.version > told.version;
    return session.canChange && !busy && !isOld ? `${told.id} ${told.version}` : '';
  });

  /** Files that need a mapping before anything can be done. */
  get unknown() {
    return this.told.data?.files.filter((file) => file.mapping === null) ?? [];
  }

  get guesses() {
    return this.told.data?.files.filter((file) => file.proposed && file.mapping !== null) ?? [];
  }

  get editable() {
    return session.canChange && this.told.data?.state === 'open';
  }

  #poll() {
    if (!this.told.data || !isMoving(this.told.data.state)) return;
    const timer = setInterval(() => {
      if (!document.hidden && !this.told.loading) void this.told.reload();
    }, POLL_MS);
    return () => clearInterval(timer);
  }

  #path() {
    return { id: this.#id() };
  }

  /** Somebody else was first: theirs is shown, and what was chosen here can be chosen again. */
  async #write(write: (told: Import) => Promise<Import>) {
    const told = this.told.data;
    if (!told) return;
    try {
      this.told.data = await write(told);
    } catch (failure) {
      if (asProblem(failure).isStale) await this.told.reload();
      throw failure;
    }
  }

  choose = (choice: 'partners' | 'dates' | 'currency', value: string | null) =>
    this.choices.run(() =>
      this.#write((told) =>
        data(
          api.PATCH('/api/v1/imports/{id}', {
            params: { path: this.#path(), header: ifMatch(told.version) },
            body: { [choice]: value },
          }),
        ),
      ),
    );

  setMapping = (file: Schemas['ImportFile'], mapping: unknown) =>
    this.#write((told) =>
      data(
        api.PATCH('/api/v1/imports/{id}/files/{number}', {
          params: {
            path: { ...this.#path(), number: String(file.number) },
            header: ifMatch(told.version),
          },
          body: { mapping: mapping as Record<string, never> },
        }),
      ),
    );

  removeFile = async (file: Schemas['ImportFile']) => {
    try {
      await this.#write(() =>
        data(
          api.DELETE('/api/v1/imports/{id}/files/{number}', {
            params: { path: { ...this.#path(), number: String(file.number) } },
          }),
        ),
      );
      toasts.tell(`${file.name} is taken out. Send it again to have it back.`);
    } catch (failure) {
      toasts.fail(failure);
    }
  };

  /** Throws what the server says against it. */
  move = async (to: Move) => {
    const params = { path: this.#path() };
    this.moving = true;
    try {
      if (to === 'apply')
        this.told.data = await data(api.POST('/api/v1/imports/{id}/apply', { params }));
      else if (to === 'cancel')
        this.told.data = await data(api.POST('/api/v1/imports/{id}/cancel', { params }));
      else this.told.data = await data(api.POST('/api/v1/imports/{id}/undo', { params }));
    } finally {
      this.moving = false;
    }
  };

  tryMove = async (to: Move) => {
    try {
      await this.move(to);
    } catch (failure) {
      toasts.fail(failure);
      await this.told.reload();
    }
  };

  discard = () => data(api.DELETE('/api/v1/imports/{id}', { params: { path: this.#path() } }));

  /** Bad rows that the import has kept. */
  badPage = (cursor?: string, signal?: AbortSignal) =>
    data(
      api.GET('/api/v1/imports/{id}/bad-rows', {
        params: { path: this.#path(), query: { limit: 500, ...(cursor ? { cursor } : {}) } },
        ...(signal ? { signal } : {}),
      }),
    );

  allBad = async () => {
    const rows: Schemas['ImportBadRow'][] = [];
    let cursor: string | null | undefined;
    do {
      const page: { items: Schemas['ImportBadRow'][]; next: string | null } = await this.badPage(
        cursor ?? undefined,
      );
      rows.push(...page.items);
      cursor = page.next;
    } while (cursor);
    return rows;
  };
}

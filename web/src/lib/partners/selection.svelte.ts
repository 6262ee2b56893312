// Which partners are chosen for an action on many.
import { SvelteMap } from 'svelte/reactivity';
import type { Schemas } from '$lib/api/client';

export type Row = Schemas['PartnerRow'];

export class Selection {
  rows = new SvelteMap<string, Row>();

  get count() {
    return this.rows.size;
  }

  has(id: string) {
    return this.rows.has(id);
  }

  set(row: Row, chosen: boolean) {
    if (chosen) this.rows.set(row.id, row);
    else this.rows.delete(row.id);
  }

  setAll(rows: Row[], chosen: boolean) {
    for (const row of rows) this.set(row, chosen);
  }

  clear() {
    this.rows.clear();
  }
}

// Short words about what just happened, with the way back.
export type Toast = {
  id: number;
  text: string;
  tone: 'plain' | 'bad';
  action?: { label: string; run: () => void | Promise<void> };
};

const SHOWN_MS = 8000;

class Toasts {
  list = $state<Toast[]>([]);
  #next = 1;

  #add(toast: Omit<Toast, 'id'>, shownMs: number) {
    const id = this.#next++;
    this.list = [...this.list.slice(-2), { ...toast, id }];
    if (shownMs) setTimeout(() => this.dismiss(id), shownMs);
  }

  tell(text: string) {
    this.#add({ text, tone: 'plain' }, SHOWN_MS);
  }

  /** Done, and can be taken back: instead of asking before. */
  undoable(text: string, undo: () => void | Promise<void>) {
    this.#add({ text, tone: 'plain', action: { label: 'Undo', run: undo } }, SHOWN_MS * 2);
  }

  /** Stays until it is dismissed. */
  fail(failure: unknown) {
    const text = failure instanceof Error ? failure.message : String(failure);
    this.#add({ text, tone: 'bad' }, 0);
  }

  dismiss(id: number) {
    this.list = this.list.filter((toast) => toast.id !== id);
  }
}

export const toasts = new Toasts();

// Which rows of a long table stand in the window: only these are made, so that a list of a hundred
// thousand scrolls as one of ten. All rows have one height.
const MORE_ROWS = 12;

export class RowsInView {
  first = $state(0);
  last = $state(60);
  rowPx = $state(44);
  #body: () => HTMLElement | undefined;

  constructor(body: () => HTMLElement | undefined) {
    this.#body = body;
  }

  /** Looks again: after scrolling, after the size of the window or the number of rows changed. */
  look = () => {
    const body = this.#body();
    if (!body) return;
    const row = body.querySelector<HTMLElement>('[data-row]');
    if (row?.offsetHeight) this.rowPx = row.offsetHeight;
    const top = body.getBoundingClientRect().top;
    this.first = Math.max(Math.floor(-top / this.rowPx) - MORE_ROWS, 0);
    this.last = Math.max(Math.ceil((innerHeight - top) / this.rowPx) + MORE_ROWS, this.first + 1);
  };

  /** Scrolls as little as is needed to show a row between what covers the window's edges. */
  show(index: number, coveredPx: number) {
    const body = this.#body();
    if (!body) return;
    const top = body.getBoundingClientRect().top + index * this.rowPx;
    const below = top + this.rowPx + coveredPx - innerHeight;
    if (top < coveredPx) scrollBy(0, top - coveredPx);
    else if (below > 0) scrollBy(0, below);
    this.look();
  }
}

// One thing of a record that is on or off, changed at once and with the way back.
import { toasts } from './toasts.svelte';

type How<Row> = {
  /** The record as it is then: the way back begins there. */
  write: (row: Row, on: boolean) => Promise<Row>;
  told: (row: Row, on: boolean) => string;
  /** Whether it went well or not: what is shown is read again. */
  after: () => unknown;
};

export async function toggle<Row>(row: Row, on: boolean, how: How<Row>): Promise<void> {
  try {
    const is = await how.write(row, on);
    toasts.undoable(how.told(row, on), () => toggle(is, !on, how));
  } catch (failure) {
    toasts.fail(failure);
  }
  await how.after();
}

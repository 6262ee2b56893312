// One attempt to write: whether it is under way, and what the server said against it.
import { asProblem, type Problem } from '$lib/api/client';

export class Submission {
  busy = $state(false);
  problem = $state.raw<Problem>();

  /** What is wrong with a field, in the server's words. */
  error(field: string) {
    return this.problem?.field === field ? this.problem.detail : undefined;
  }

  /** True: it is done. False: why not is in `problem`. Never rejects. */
  async run(write: () => Promise<unknown>) {
    if (this.busy) return false;
    this.busy = true;
    this.problem = undefined;
    try {
      await write();
      return true;
    } catch (failure) {
      this.problem = asProblem(failure);
      return false;
    } finally {
      this.busy = false;
    }
  }
}

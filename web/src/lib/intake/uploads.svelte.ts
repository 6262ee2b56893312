// Files on their way to the server, one after the other, each with how far it is. They belong to no
// screen: the first one makes the import whose screen then opens, and the others go on.
import { asProblem, Problem, refusalOf, type Schemas } from '$lib/api/client';
import { bytes } from '$lib/format/format';

type Import = Schemas['Import'];

export const FILES_MAX = 32;
export const FILE_BYTES_MAX = 2_000_000_000;

export type Upload = {
  id: number;
  name: string;
  size: number;
  sent: number;
  state: 'waiting' | 'sending' | 'read' | 'taken' | 'refused';
  reason: string;
};

function answerOf(request: XMLHttpRequest): unknown {
  try {
    return JSON.parse(request.responseText);
  } catch {
    return null;
  }
}

/** fetch() cannot say how much of a body is sent. */
function send(path: string, file: File, onsent: (bytes: number) => void): Promise<Import> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', `${path}?name=${encodeURIComponent(file.name)}`);
    request.setRequestHeader('Content-Type', 'text/csv');
    request.upload.onprogress = (event) => onsent(event.loaded);
    request.onload = () =>
      request.status < 300
        ? resolve(answerOf(request) as Import)
        : reject(refusalOf(request, answerOf(request)));
    request.onerror = () => reject(asProblem(null));
    request.send(file);
  });
}

/** What is wrong with a file is said before it is sent, where the browser can tell. */
function refusal(file: File): string {
  if (!file.size) return 'The file is empty.';
  if (file.size > FILE_BYTES_MAX)
    return `It has ${bytes(file.size)}; a file may have ${bytes(FILE_BYTES_MAX)}. Split it.`;
  if (/\.(xlsx?|ods|numbers)$/i.test(file.name))
    return 'This is a workbook. Save the sheet as CSV and send that.';
  if (/\.(zip|gz|7z|rar|pdf|docx?)$/i.test(file.name))
    return 'This is no CSV file. Send the CSV file that is meant.';
  return '';
}

class Uploads {
  list = $state<Upload[]>([]);
  busy = $state(false);
  /** The import that the files go into; '' before the first is there. */
  into = $state('');
  /** As the server told it with the last file that it took. */
  latest = $state.raw<Import>();
  #next = 1;

  get refused() {
    return this.list.filter((each) => each.state === 'refused');
  }

  clear() {
    if (!this.busy) this.list = [];
  }

  /**
   * Sends files into an open import, or into a new one. `onimport` is told the import after each
   * file that it took. Never rejects: what was refused says why.
   */
  async send(files: File[], importId: string, onimport: (told: Import) => void) {
    if (this.busy || !files.length) return;
    this.busy = true;
    this.into = importId;
    this.list = files.map((file) => this.#begin(file));
    for (const [i, file] of files.entries()) {
      const upload = this.list[i];
      if (upload?.state !== 'waiting') continue;
      const told = await this.#sendOne(file, upload);
      if (!told) continue;
      this.into = told.id;
      this.latest = told;
      onimport(told);
    }
    this.busy = false;
    if (!this.refused.length) this.list = [];
  }

  #begin(file: File): Upload {
    const reason = refusal(file);
    const state = reason ? 'refused' : 'waiting';
    return { id: this.#next++, name: file.name, size: file.size, sent: 0, state, reason };
  }

  async #sendOne(file: File, upload: Upload) {
    const path = this.into ? `/api/v1/imports/${this.into}/files` : '/api/v1/imports';
    upload.state = 'sending';
    try {
      const told = await send(path, file, (sent) => {
        upload.sent = Math.min(sent, upload.size);
        if (sent >= upload.size) upload.state = 'read';
      });
      upload.state = 'taken';
      return told;
    } catch (failure) {
      upload.state = 'refused';
      upload.reason = failure instanceof Problem ? failure.detail : String(failure);
      return undefined;
    }
  }
}

export const uploads = new Uploads();

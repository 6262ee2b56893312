// Which of the shell's two lists is open: of what can be done, or of the keys.
const KEY = 'single-keys';

/** The key that is held with a letter, as this computer names it. */
export const control = /Mac|iP/.test(navigator.platform) ? '⌘' : 'Ctrl';

class Palette {
  open = $state(false);
  keysOpen = $state(false);
  #singleKeys = $state(localStorage.getItem(KEY) !== 'off');

  /** Whether keys without Ctrl do something; speech input needs them off (WCAG 2.1.4). */
  get singleKeys() {
    return this.#singleKeys;
  }
  set singleKeys(on: boolean) {
    this.#singleKeys = on;
    if (on) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, 'off');
  }
}

export const palette = new Palette();

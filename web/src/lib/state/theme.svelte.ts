// Light, dark, or as the system has it. app.html applies it before the first paint.
export type Theme = 'system' | 'light' | 'dark';

function stored(): Theme {
  const theme = localStorage.getItem('theme');
  return theme === 'light' || theme === 'dark' ? theme : 'system';
}

class ThemeChoice {
  #current = $state<Theme>(stored());

  get current() {
    return this.#current;
  }
  set current(theme: Theme) {
    this.#current = theme;
    if (theme === 'system') {
      localStorage.removeItem('theme');
      delete document.documentElement.dataset.theme;
    } else {
      localStorage.setItem('theme', theme);
      document.documentElement.dataset.theme = theme;
    }
  }
}

export const theme = new ThemeChoice();

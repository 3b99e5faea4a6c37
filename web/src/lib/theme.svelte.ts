type Theme = 'light' | 'dark';

const key = 'roundtrip-theme';
const dark = matchMedia('(prefers-color-scheme: dark)');

function stored(): Theme | null {
  try {
    const value = localStorage.getItem(key);
    return value === 'light' || value === 'dark' ? value : null;
  } catch {
    return null;
  }
}

let chosen = $state<Theme | null>(stored());
let system = $state<Theme>(dark.matches ? 'dark' : 'light');
dark.addEventListener('change', () => {
  system = dark.matches ? 'dark' : 'light';
});

/** The theme shown: the reader's choice, else that of the system. */
export function theme(): Theme {
  return chosen ?? system;
}

export function toggleTheme(): void {
  chosen = theme() === 'dark' ? 'light' : 'dark';
  if (chosen === system) chosen = null;
  try {
    if (chosen) localStorage.setItem(key, chosen);
    else localStorage.removeItem(key);
  } catch {
    // A browser without storage forgets the choice with the page.
  }
  applyTheme();
}

export function applyTheme(): void {
  if (chosen) document.documentElement.dataset['theme'] = chosen;
  else delete document.documentElement.dataset['theme'];
}

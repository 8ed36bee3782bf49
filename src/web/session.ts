import { signal } from '@preact/signals';

/** What is kept in the browser, and where: the key for this tab only, names and choices for this browser. */
const KEY = 'undertone.key';
const NAME = 'undertone.name';

/** A browser may refuse storage altogether; then a value lasts as long as the page. */
function read(storage: () => Storage, name: string): string | null {
  try {
    return storage().getItem(name);
  } catch {
    return null;
  }
}

function write(storage: () => Storage, name: string, value: string | null): void {
  try {
    if (value === null) storage().removeItem(name);
    else storage().setItem(name, value);
  } catch {
    // Kept in the signal alone.
  }
}

const tab = (): Storage => sessionStorage;
const browser = (): Storage => localStorage;

/** The server's API key; `null` for none. */
export const apiKey = signal<string | null>(read(tab, KEY));
/** Whether the server has refused the key, or the lack of one. */
export const keyWanted = signal(false);

export function setKey(key: string | null): void {
  const wanted = key === null || key === '' ? null : key;
  apiKey.value = wanted;
  write(tab, KEY, wanted);
  keyWanted.value = false;
}

/** How the supervisor is called; `null` until told. */
export const supervisor = signal<string | null>(read(browser, NAME));

export function setSupervisor(name: string | null): void {
  const wanted = name === null || name.trim() === '' ? null : name.trim();
  supervisor.value = wanted;
  write(browser, NAME, wanted);
}

/** A choice of this browser, such as a view or a switch, and how to change it. */
export function choice<T extends string>(
  name: string,
  allowed: readonly T[],
  first: T,
): { readonly get: () => T; readonly set: (value: T) => void } {
  const stored = read(browser, `undertone.${name}`);
  const value = signal<T>(allowed.find((each) => each === stored) ?? first);
  return {
    get: () => value.value,
    set: (next) => {
      value.value = next;
      write(browser, `undertone.${name}`, next);
    },
  };
}

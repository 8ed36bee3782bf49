/** Whether a path holds characters that a glob gives a meaning to. */
export function isGlob(path: string): boolean {
  return /[*?[{]/.test(path);
}

/**
 * A glob as a regular expression over a whole path with `/` between its parts: `*` and `?` stay within a part, `**` spans
 * parts, `[a-c]` and `[!a-c]` are sets, `{a,b}` alternatives. As in a shell, `*` and `?` do not match a leading dot.
 *
 * @example
 * globPattern('calls/2024-*.{wav,flac}').test('calls/2024-05.flac'); // true
 */
export function globPattern(glob: string): RegExp {
  return new RegExp(`^(?:${withoutBraces(glob).map(source).join('|')})$`);
}

/** The alternatives that `{a,b}` stands for, inner ones first. */
function withoutBraces(glob: string): string[] {
  const braces = /\{([^{}]*)\}/.exec(glob);
  if (braces === null) return [glob];
  const [all, inner = ''] = braces;
  const before = glob.slice(0, braces.index);
  const after = glob.slice(braces.index + all.length);
  return inner.split(',').flatMap((choice) => withoutBraces(before + choice + after));
}

function source(glob: string): string {
  return glob.replace(TOKENS, (token, position: number) => {
    const notHidden = position === 0 || glob[position - 1] === '/' ? '(?!\\.)' : '';
    if (token === '**/') return '(?:(?!\\.)[^/]+/)*';
    if (token === '**') return '(?:(?!\\.)[^/]*(?:/(?!\\.)[^/]*)*)';
    if (token === '*') return `${notHidden}[^/]*`;
    if (token === '?') return `${notHidden}[^/]`;
    if (token.length > 1) return `(?!/)[${token.slice(1, -1).replace(/[\\^]/g, '\\$&').replace(/^!/, '^')}]`;
    return `\\${token}`;
  });
}

/** What a glob has that a regular expression spells differently: its own signs, and every other special character. */
const TOKENS = /\*\*\/|\*\*|\*|\?|\[[^\]/]+\]|[{}[\]\\^$.|+()]/g;

/** The folder that a glob can be looked for under: its parts before the first with a special character. */
export function globBase(glob: string): string {
  const parts = glob.split('/');
  const first = parts.findIndex(isGlob);
  const base = parts.slice(0, first).join('/');
  return base === '' ? (glob.startsWith('/') ? '/' : '.') : base;
}

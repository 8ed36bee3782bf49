import { isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument, type YAMLMap } from 'yaml';

/** What is wrong with a text of rules, and where; lines and columns count from 1. */
export interface RuleProblem {
  readonly line: number;
  readonly column: number;
  /** One sentence. */
  readonly message: string;
}

export type Entries = ReadonlyMap<string, Node>;

const DURATION = /^(\d+(?:\.\d+)?)\s*(ms|s|min|h)$/;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, min: 60_000, h: 3_600_000 };
const PERCENT = /^(\d+(?:\.\d+)?)\s*%$/;

/**
 * Reads values from a YAML document (JSON is YAML, too) and collects what is wrong with where it stands. Every reader
 * returns `undefined` for what it could not read, with a problem noted.
 */
export class RuleReader {
  readonly problems: RuleProblem[] = [];
  /** What is right, and will not do what it says. */
  readonly warnings: RuleProblem[] = [];
  readonly #lines = new LineCounter();
  readonly #whenEmpty: string;

  /** @param whenEmpty what is said of a text in which there is nothing */
  constructor(whenEmpty = 'There are no rules; begin with "rules:".') {
    this.#whenEmpty = whenEmpty;
  }

  /** The root; `undefined` where the text is not YAML, or there is nothing. */
  parse(text: string): Node | undefined {
    const document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false, version: '1.2' });
    for (const error of document.errors) this.#add(error.pos[0], sentence(error.message));
    if (document.errors.length > 0) return undefined;
    if (document.contents === null) this.#add(0, this.#whenEmpty);
    return document.contents ?? undefined;
  }

  problem(node: Node, message: string): undefined {
    this.#add(node.range?.[0] ?? 0, message);
  }

  warn(node: Node, message: string): void {
    this.warnings.push({ ...this.#placeOf(node.range?.[0] ?? 0), message });
  }

  /** The entries of a mapping that has no other keys than these. */
  entries(node: Node, what: string, keys: readonly string[]): Entries | undefined {
    if (!isMap(node)) return this.problem(node, `${what} is a mapping with ${list(keys)}.`);
    const entries = new Map<string, Node>();
    for (const pair of (node as YAMLMap<Node | null, Node | null>).items) this.#entry(pair, what, keys, entries);
    return entries;
  }

  items(node: Node, what: string): readonly Node[] | undefined {
    if (!isSeq(node)) return this.problem(node, `${what} is a list.`);
    return node.items as Node[];
  }

  text(node: Node, what: string, longest: number): string | undefined {
    const value = isScalar(node) ? node.value : undefined;
    if (typeof value !== 'string' || value === '') return this.problem(node, `${what} is a text.`);
    if (value.length > longest) return this.problem(node, `${what} has ${longest} characters at most.`);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what a name must not hold
    if (/[\u0000-\u001f\u007f-\u009f]/.test(value)) return this.problem(node, `${what} is one line of printable text.`);
    return value;
  }

  choice<T extends string>(node: Node, what: string, choices: readonly T[]): T | undefined {
    const value = isScalar(node) ? node.value : undefined;
    const found = choices.find((choice) => choice === value);
    return found ?? this.problem(node, `${what} is one of ${list(choices)}${got(value)}.`);
  }

  number(node: Node, what: string, low: number, high: number): number | undefined {
    const value = isScalar(node) ? node.value : undefined;
    if (typeof value !== 'number' || !(value >= low && value <= high)) {
      const range = low === high ? String(low) : `a number from ${low} to ${high}`;
      return this.problem(node, `${what} is ${range}${got(value)}.`);
    }
    return value;
  }

  /** A share of one, or in percent. */
  share(node: Node, what: string): number | undefined {
    const value = isScalar(node) ? node.value : undefined;
    const percent = typeof value === 'string' ? PERCENT.exec(value) : null;
    const share = percent === null ? value : Number(percent[1]) / 100;
    if (typeof share === 'number' && share >= 0 && share <= 1) return share;
    return this.problem(node, `${what} is a share from 0 to 1, or 0 % to 100 %${got(value)}.`);
  }

  /** In ms, of a text such as "6 s" or "500 ms". */
  duration(node: Node, what: string, longestMs: number): number | undefined {
    const ms = durationMs(node);
    if (ms === undefined) {
      return this.problem(node, `${what} is a time with its unit (ms, s, min or h), as in "6 s"${got(scalar(node))}.`);
    }
    return ms <= longestMs ? ms : this.problem(node, `${what} is ${inWords(longestMs)} at most.`);
  }

  /** A time, or a share of the call's length in percent. */
  bound(node: Node, what: string): { readonly ms: number } | { readonly share: number } | undefined {
    const value = scalar(node);
    const percent = typeof value === 'string' ? PERCENT.exec(value) : null;
    if (percent !== null && Number(percent[1]) <= 100) return { share: Number(percent[1]) / 100 };
    const ms = durationMs(node);
    if (ms !== undefined) return { ms };
    return this.problem(node, `${what} is a time as in "30 s", or a share of the call as in "50 %"${got(value)}.`);
  }

  #entry(
    pair: Pair<Node | null, Node | null>,
    what: string,
    keys: readonly string[],
    entries: Map<string, Node>,
  ): void {
    if (pair.key === null) {
      if (pair.value !== null) this.problem(pair.value, 'A value has no key.');
      return;
    }
    const name = scalar(pair.key);
    if (typeof name !== 'string' || !keys.includes(name)) {
      this.problem(pair.key, `${what} has no ${JSON.stringify(name ?? null)}; it has ${list(keys)}.`);
    } else if (pair.value === null || scalar(pair.value) === null) {
      this.problem(pair.key, `"${name}" has no value.`);
    } else {
      entries.set(name, pair.value);
    }
  }

  #add(offset: number, message: string): void {
    this.problems.push({ ...this.#placeOf(offset), message });
  }

  #placeOf(offset: number): Omit<RuleProblem, 'message'> {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }
}

const scalar = (node: Node): unknown => (isScalar(node) ? node.value : undefined);

function durationMs(node: Node): number | undefined {
  const value = scalar(node);
  const [, amount, unit] = (typeof value === 'string' && DURATION.exec(value)) || [];
  return amount === undefined || unit === undefined ? undefined : Number(amount) * UNIT_MS[unit]!;
}

export function inWords(ms: number): string {
  const unit = ['h', 'min', 's'].find((name) => ms >= UNIT_MS[name]! && ms % UNIT_MS[name]! === 0) ?? 'ms';
  return `${ms / UNIT_MS[unit]!} ${unit}`;
}

/** The value in a message, where it is short enough to help. */
function got(value: unknown): string {
  if (value === undefined || value === null) return '';
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value);
  return text.length <= 40 ? `, not ${text}` : '';
}

export function list(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

/** The first line of a parser's message, as one sentence. */
function sentence(message: string): string {
  const [first = ''] = message.split('\n');
  return /[.!?]$/.test(first) ? first : `${first}.`;
}

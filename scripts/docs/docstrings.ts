/** What the documentation comments of a TypeScript source say of its interfaces. */
export interface Docstrings {
  /** Of the interface itself. */
  readonly of: (interfaceName: string) => string | undefined;
  /** Of a property, its own or inherited. */
  readonly property: (interfaceName: string, property: string) => string | undefined;
}

interface Read {
  readonly text: string | undefined;
  readonly parents: readonly string[];
  readonly properties: ReadonlyMap<string, string>;
}

const INTERFACE =
  /(?:\/\*\*((?:(?!\*\/)[\s\S])*?)\*\/\n)?export interface (\w+)(?: extends ([\w, ]+))? \{\n([\s\S]*?)\n\}/g;
const PROPERTY = /\/\*\*((?:(?!\*\/)[\s\S])*?)\*\/\s*readonly (\w+)\??:/g;

/** Comments as they are written here: over exported interfaces, and over their `readonly` properties. */
export function readDocstrings(sources: readonly string[]): Docstrings {
  const found = new Map<string, Read>();
  for (const source of sources) {
    for (const [, text, name = '', parents, body = ''] of source.matchAll(INTERFACE)) {
      const properties = [...body.matchAll(PROPERTY)].map(([, said = '', property = '']): [string, string] => [
        property,
        plain(said),
      ]);
      found.set(name, {
        text: text === undefined ? undefined : plain(text),
        parents: parents?.split(',').map((parent) => parent.trim()) ?? [],
        properties: new Map(properties),
      });
    }
  }
  const property = (interfaceName: string, name: string): string | undefined => {
    const read = found.get(interfaceName);
    if (read === undefined) return undefined;
    return read.properties.get(name) ?? read.parents.map((parent) => property(parent, name)).find((said) => said);
  };
  return { of: (name) => found.get(name)?.text, property };
}

/** One paragraph, without the stars and tags of the comment. */
const plain = (comment: string): string =>
  comment
    .replace(/^\s*\* ?/gm, '')
    .replace(/\s*@example[\s\S]*$/, '')
    .replace(/\s+/g, ' ')
    .trim();

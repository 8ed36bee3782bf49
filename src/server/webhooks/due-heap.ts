/** What waits for its moment, the earliest first; of one moment, what came first. */
export class DueHeap<T extends { readonly dueAtMs: number }> {
  #items: { readonly item: T; readonly order: number }[] = [];
  #order = 0;

  get size(): number {
    return this.#items.length;
  }

  get first(): T | undefined {
    return this.#items[0]?.item;
  }

  push(item: T): void {
    const items = this.#items;
    items.push({ item, order: this.#order++ });
    let at = items.length - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#before(at, parent)) break;
      this.#swap(at, parent);
      at = parent;
    }
  }

  /** Takes the first one out. */
  shift(): T | undefined {
    const items = this.#items;
    const [first] = items;
    const last = items.pop();
    if (first === undefined || last === undefined || items.length === 0) return first?.item;
    items[0] = last;
    for (let at = 0; ; ) {
      const left = 2 * at + 1;
      const least = left + 1 < items.length && this.#before(left + 1, left) ? left + 1 : left;
      if (least >= items.length || !this.#before(least, at)) return first.item;
      this.#swap(at, least);
      at = least;
    }
  }

  /** Takes out all that match, in no order. */
  remove(matches: (item: T) => boolean): readonly T[] {
    const kept = this.#items.filter(({ item }) => !matches(item));
    const removed = this.#items.filter(({ item }) => matches(item)).map(({ item }) => item);
    // A sorted list is a heap.
    this.#items = kept.sort((a, b) => a.item.dueAtMs - b.item.dueAtMs || a.order - b.order);
    return removed;
  }

  #before(a: number, b: number): boolean {
    const left = this.#items[a]!;
    const right = this.#items[b]!;
    const ms = left.item.dueAtMs - right.item.dueAtMs;
    return ms < 0 || (ms === 0 && left.order < right.order);
  }

  #swap(a: number, b: number): void {
    const items = this.#items;
    [items[a], items[b]] = [items[b]!, items[a]!];
  }
}

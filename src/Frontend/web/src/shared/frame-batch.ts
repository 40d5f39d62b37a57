/** Collects what arrives and hands it over once per animation frame (or ten times a second while the page is hidden and has no frames). */
export class FrameBatch<T> {
  #items: T[] = [];
  #cancel: (() => void) | null = null;

  constructor(private readonly handle: (items: T[]) => void) {}

  add(item: T): void {
    this.#items.push(item);
    this.#cancel ??= this.#schedule();
  }

  flush(): void {
    this.#cancel?.();
    this.#cancel = null;
    const items = this.#items;
    if (items.length === 0) return;
    this.#items = [];
    this.handle(items);
  }

  clear(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#items = [];
  }

  #schedule(): () => void {
    // A frame alone is not enough: a page that becomes hidden after asking for one gets none.
    const frame = requestAnimationFrame(() => this.flush());
    const timer = setTimeout(() => this.flush(), 100);
    return () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
    };
  }
}

const firstMs = 200;
const lastMs = 10_000;

/**
 * How long to wait before attempt `attempt` (1, 2, …): doubles from 0.2 s to 10 s, and each page draws its own point in the upper half, so that
 * the pages of a whole company do not come back in one instant.
 */
export function backoffMs(attempt: number, random: () => number): number {
  const ceiling = Math.min(lastMs, firstMs * 2 ** Math.min(attempt - 1, 20));
  return ceiling / 2 + (ceiling / 2) * random();
}

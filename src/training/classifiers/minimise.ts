export interface MinimiseOptions {
  readonly maxSteps: number;
  /** Stops where no slope is steeper. */
  readonly tolerance: number;
}

/** Steps whose curvature is remembered. */
const MEMORY = 10;
/** Of the decrease that the slope promises, so much must be had (Armijo). */
const DECREASE = 1e-4;

/**
 * A minimum of a smooth function by L-BFGS (Nocedal and Wright, Numerical Optimization, 2006, algorithms 7.4 and 7.5) with a
 * line search that halves the step until it leads down enough.
 *
 * @param start is changed to the minimum.
 * @param evaluate gives the value at a place and writes the slope there.
 * @returns the number of steps taken.
 */
export function minimise(
  start: Float64Array,
  evaluate: (at: Float64Array, slope: Float64Array) => number,
  { maxSteps, tolerance }: MinimiseOptions,
): number {
  const slope = new Float64Array(start.length);
  const direction = new Float64Array(start.length);
  const pairs: Pair[] = [];
  let value = evaluate(start, slope);
  for (let step = 0; step < maxSteps; step++) {
    if (steepest(slope) <= tolerance) return step;
    descend(direction, slope, pairs);
    if (dot(direction, slope) >= 0) {
      // Only by rounding: what is remembered no longer leads down.
      pairs.length = 0;
      descend(direction, slope, pairs);
    }
    const reached = search(start, value, slope, direction, evaluate, pairs.length === 0);
    if (reached === undefined) return step;
    const moved = reached.at.map((place, at) => place - start[at]!);
    const turned = reached.slope.map((of, at) => of - slope[at]!);
    const curvature = dot(moved, turned);
    if (curvature > 1e-10 * dot(turned, turned)) {
      pairs.push({ moved, turned, rho: 1 / curvature });
      if (pairs.length > MEMORY) pairs.shift();
    }
    start.set(reached.at);
    slope.set(reached.slope);
    value = reached.value;
  }
  return maxSteps;
}

/** A step that was taken: how far, and how much the slope turned. */
interface Pair {
  readonly moved: Float64Array;
  readonly turned: Float64Array;
  readonly rho: number;
}

/** Where the direction leads down enough; undefined where it leads down no more. */
function search(
  start: Float64Array,
  value: number,
  slope: Float64Array,
  direction: Float64Array,
  evaluate: (at: Float64Array, slope: Float64Array) => number,
  first: boolean,
): { readonly at: Float64Array; readonly slope: Float64Array; readonly value: number } | undefined {
  const along = dot(direction, slope);
  const reached = new Float64Array(start.length);
  const at = new Float64Array(start.length);
  // The first direction has the slope's length, which says nothing about distance.
  let length = first ? Math.min(1, 1 / Math.sqrt(-along)) : 1;
  for (let halvings = 0; halvings < 50; halvings++) {
    for (let place = 0; place < at.length; place++) at[place] = start[place]! + length * direction[place]!;
    const found = evaluate(at, reached);
    if (found <= value + DECREASE * length * along)
      return found < value ? { at, slope: reached, value: found } : undefined;
    length /= 2;
  }
  return undefined;
}

/** The two loops: −(approximate inverse of the curvature) · slope, into `direction`. */
function descend(direction: Float64Array, slope: Float64Array, pairs: readonly Pair[]): void {
  for (let at = 0; at < slope.length; at++) direction[at] = -slope[at]!;
  const shares = new Float64Array(pairs.length);
  for (let index = pairs.length - 1; index >= 0; index--) {
    const { moved, turned, rho } = pairs[index]!;
    shares[index] = rho * dot(moved, direction);
    add(direction, turned, -shares[index]!);
  }
  const last = pairs.at(-1);
  if (last !== undefined) {
    const scale = 1 / (last.rho * dot(last.turned, last.turned));
    for (let at = 0; at < direction.length; at++) direction[at]! *= scale;
  }
  for (const [index, { moved, turned, rho }] of pairs.entries()) {
    add(direction, moved, shares[index]! - rho * dot(turned, direction));
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let total = 0;
  for (let at = 0; at < a.length; at++) total += a[at]! * b[at]!;
  return total;
}

function add(to: Float64Array, what: Float64Array, times: number): void {
  for (let at = 0; at < to.length; at++) to[at]! += times * what[at]!;
}

function steepest(slope: Float64Array): number {
  let most = 0;
  for (let at = 0; at < slope.length; at++) most = Math.max(most, Math.abs(slope[at]!));
  return most;
}

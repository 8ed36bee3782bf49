export interface SmoOptions {
  /** How far from optimal the result may be: the largest violation of the conditions of Karush, Kuhn and Tucker. */
  readonly tolerance: number;
  readonly maxSteps: number;
}

/** A machine with two classes: value(x) = Σ αᵢ yᵢ K(xᵢ, x) − rho. */
export interface TwoClasses {
  /** αᵢ yᵢ per row; 0 but for support vectors. */
  readonly coefficients: Float64Array;
  readonly rho: number;
  readonly steps: number;
}

/** Below it, a curvature is taken for this one: the kernel matrix of rounded numbers may have slightly negative ones. */
const LEAST_CURVATURE = 1e-12;

/**
 * Support vectors of two classes by sequential minimal optimisation: minimises ½ αᵀQα − Σα, 0 ≤ αᵢ ≤ limitᵢ, Σ αᵢyᵢ = 0, with
 * Qᵢⱼ = yᵢ yⱼ Kᵢⱼ. The pair to change is chosen by second-order information (Fan, Chen and Lin, Working Set Selection Using Second
 * Order Information for Training SVM, 2005, WSS 2).
 *
 * @param kernel rows × rows, symmetric.
 * @param y 1 or −1 per row. @param limits the highest αᵢ.
 */
export function sequentialMinimal(
  kernel: Float32Array,
  y: Int8Array,
  limits: Float64Array,
  { tolerance, maxSteps }: SmoOptions,
): TwoClasses {
  const rows = y.length;
  const alpha = new Float64Array(rows);
  const slope = new Float64Array(rows).fill(-1);
  let steps = 0;
  for (; steps < maxSteps; steps++) {
    const i = mostUpward(alpha, slope, y, limits);
    if (i < 0) break;
    const highest = -y[i]! * slope[i]!;
    const j = bestPartner(kernel, i, highest, { alpha, slope, y, limits }, tolerance);
    if (j < 0) break;
    const oldI = alpha[i]!;
    const oldJ = alpha[j]!;
    step(kernel, i, j, { alpha, slope, y, limits });
    const changeI = y[i]! * (alpha[i]! - oldI);
    const changeJ = y[j]! * (alpha[j]! - oldJ);
    const rowI = i * rows;
    const rowJ = j * rows;
    for (let at = 0; at < rows; at++) {
      slope[at]! += y[at]! * (changeI * kernel[rowI + at]! + changeJ * kernel[rowJ + at]!);
    }
  }
  return { coefficients: alpha.map((value, at) => value * y[at]!), rho: rhoOf(alpha, slope, y, limits), steps };
}

interface State {
  readonly alpha: Float64Array;
  readonly slope: Float64Array;
  readonly y: Int8Array;
  readonly limits: Float64Array;
}

/** Whether α may move so that αy rises, or falls. */
const canRise = (alpha: number, sign: number, limit: number): boolean => (sign > 0 ? alpha < limit : alpha > 0);
const canFall = (alpha: number, sign: number, limit: number): boolean => (sign > 0 ? alpha > 0 : alpha < limit);

function mostUpward(alpha: Float64Array, slope: Float64Array, y: Int8Array, limits: Float64Array): number {
  let best = -1;
  let highest = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < y.length; at++) {
    if (!canRise(alpha[at]!, y[at]!, limits[at]!)) continue;
    const value = -y[at]! * slope[at]!;
    if (value > highest) {
      highest = value;
      best = at;
    }
  }
  return best;
}

/** The row whose change together with i's promises most; −1 where no pair violates the conditions by more than the tolerance. */
function bestPartner(
  kernel: Float32Array,
  i: number,
  highest: number,
  { alpha, slope, y, limits }: State,
  tolerance: number,
): number {
  const rows = y.length;
  const own = kernel[i * rows + i]!;
  let best = -1;
  let most = 0;
  let lowest = Number.POSITIVE_INFINITY;
  for (let at = 0; at < rows; at++) {
    if (!canFall(alpha[at]!, y[at]!, limits[at]!)) continue;
    const value = -y[at]! * slope[at]!;
    if (value < lowest) lowest = value;
    const gap = highest - value;
    if (gap <= 0) continue;
    const curvature = own + kernel[at * rows + at]! - 2 * kernel[i * rows + at]!;
    const gain = (gap * gap) / Math.max(curvature, LEAST_CURVATURE);
    if (gain > most) {
      most = gain;
      best = at;
    }
  }
  return highest - lowest < tolerance ? -1 : best;
}

/** Moves αᵢ and αⱼ to their optimum, within their limits. */
function step(kernel: Float32Array, i: number, j: number, { alpha, slope, y, limits }: State): void {
  const rows = y.length;
  const curvature = Math.max(
    kernel[i * rows + i]! + kernel[j * rows + j]! - 2 * kernel[i * rows + j]!,
    LEAST_CURVATURE,
  );
  // αᵢyᵢ rises by `move`, αⱼyⱼ falls by it.
  const wanted = (-y[i]! * slope[i]! + y[j]! * slope[j]!) / curvature;
  const roomI = y[i]! > 0 ? limits[i]! - alpha[i]! : alpha[i]!;
  const roomJ = y[j]! > 0 ? alpha[j]! : limits[j]! - alpha[j]!;
  const move = Math.min(wanted, roomI, roomJ);
  // To the limit itself, not beside it: whether α is at its limit is asked of it later.
  alpha[i] = move === roomI ? (y[i]! > 0 ? limits[i]! : 0) : alpha[i]! + y[i]! * move;
  alpha[j] = move === roomJ ? (y[j]! > 0 ? 0 : limits[j]!) : alpha[j]! - y[j]! * move;
}

/** The constant: the mean over free support vectors of yᵢ · slopeᵢ, else the middle of what the others allow. */
function rhoOf(alpha: Float64Array, slope: Float64Array, y: Int8Array, limits: Float64Array): number {
  let free = 0;
  let sum = 0;
  let high = Number.POSITIVE_INFINITY;
  let low = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < y.length; at++) {
    const value = y[at]! * slope[at]!;
    if (alpha[at]! > 0 && alpha[at]! < limits[at]!) {
      free += 1;
      sum += value;
    } else if (canRise(alpha[at]!, y[at]!, limits[at]!)) {
      high = Math.min(high, value);
    } else {
      low = Math.max(low, value);
    }
  }
  return free > 0 ? sum / free : (high + low) / 2;
}

/** Softmax of one row of logits over `temperature`, into `out`. */
export function softmax(
  logits: ArrayLike<number>,
  temperature: number,
  out: Float64Array,
  from = 0,
  classes = out.length,
): void {
  let highest = -Infinity;
  for (let index = 0; index < classes; index++) highest = Math.max(highest, logits[from + index]!);
  let total = 0;
  for (let index = 0; index < classes; index++) {
    out[index] = Math.exp((logits[from + index]! - highest) / temperature);
    total += out[index]!;
  }
  for (let index = 0; index < classes; index++) out[index]! /= total;
}

/** Mean negative log-likelihood of the true classes at a temperature. */
export function negativeLogLikelihood(
  logits: ArrayLike<number>,
  truth: ArrayLike<number>,
  classes: number,
  temperature: number,
): number {
  const probabilities = new Float64Array(classes);
  let total = 0;
  for (let row = 0; row < truth.length; row++) {
    softmax(logits, temperature, probabilities, row * classes, classes);
    total -= Math.log(Math.max(probabilities[truth[row]!]!, 1e-12));
  }
  return total / Math.max(1, truth.length);
}

/**
 * The temperature that makes held-out predictions most likely (Guo et al. 2017, section 4.2), from 0.1 to 10, by golden-section search
 * over its logarithm: the likelihood has one maximum in 1 / temperature.
 */
export function fitTemperature(logits: ArrayLike<number>, truth: ArrayLike<number>, classes: number): number {
  const golden = (Math.sqrt(5) - 1) / 2;
  const loss = (log: number): number => negativeLogLikelihood(logits, truth, classes, Math.exp(log));
  let [low, high] = [Math.log(0.1), Math.log(10)];
  let [left, right] = [high - golden * (high - low), low + golden * (high - low)];
  let [atLeft, atRight] = [loss(left), loss(right)];
  while (high - low > 1e-3) {
    if (atLeft < atRight) {
      [high, right, atRight] = [right, left, atLeft];
      left = high - golden * (high - low);
      atLeft = loss(left);
    } else {
      [low, left, atLeft] = [left, right, atRight];
      right = low + golden * (high - low);
      atRight = loss(right);
    }
  }
  return Math.exp((low + high) / 2);
}

/** A map that is linear between its points and flat outside them (`interpolate` of streams); both lists rise. */
export interface PiecewiseMap {
  readonly score: readonly number[];
  readonly accuracy: readonly number[];
}

/**
 * The share of right labels as a rising function of the score: isotonic regression by pooling adjacent violators (Ayer et al.
 * 1955), over `groups` equally large groups of the sorted scores so that no step rests on a handful.
 */
export function fitConfidence(score: ArrayLike<number>, right: ArrayLike<number | boolean>, groups = 20): PiecewiseMap {
  const order = Array.from(score, (_, index) => index).sort((a, b) => score[a]! - score[b]!);
  if (order.length === 0) return { score: [0, 1], accuracy: [0, 1] };
  const pools: { count: number; score: number; right: number }[] = [];
  const count = Math.min(groups, order.length);
  for (let group = 0; group < count; group++) {
    const members = order.slice(
      Math.floor((group * order.length) / count),
      Math.floor(((group + 1) * order.length) / count),
    );
    pools.push({
      count: members.length,
      score: members.reduce((total, index) => total + score[index]!, 0),
      right: members.reduce((total, index) => total + Number(right[index]!), 0),
    });
    while (pools.length > 1) {
      const last = pools.at(-1)!;
      const before = pools.at(-2)!;
      if (before.right / before.count < last.right / last.count) break;
      pools.splice(-2, 2, {
        count: before.count + last.count,
        score: before.score + last.score,
        right: before.right + last.right,
      });
    }
  }
  return {
    score: pools.map((pool) => pool.score / pool.count),
    accuracy: pools.map((pool) => pool.right / pool.count),
  };
}

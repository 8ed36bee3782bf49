/** One value of a hop that the network sees. */
export interface SequenceInput {
  /** A descriptor by name. */
  readonly descriptor: string;
  /**
   * How much of what the stream's own mean differs from the training's is taken away: 0 none, 1 all. For the log-mel bands it is
   * the spectrum's shape that this is about; their common level is always taken away.
   */
  readonly adapt: number;
}

/** What a sequence network is made of. */
export interface SequenceShape {
  readonly inputs: readonly SequenceInput[];
  /** Channels of the frame-level layers; a multiple of 8. */
  readonly width: number;
  /** One layer each; it sees the frame and those one and two dilations before it. */
  readonly dilations: readonly number[];
  /** Units between the frame and its weights in the pooling; a multiple of 8. */
  readonly attention: number;
  readonly classes: number;
}

/** A hop of descriptors, ms. */
export const HOP_MS = 10;
/** The network's frames are 40 ms: 25 a second. */
export const HOPS_PER_FRAME = 4;
/** Hops that the first layer sees: those of the frame and of the one before. */
export const FRONT_HOPS = 8;
/** Frames that a dilated layer sees. */
export const TAPS = 3;

/** A kernel or bias, where it stands in the flat list of all weights. */
export interface Weights {
  readonly name: string;
  readonly at: number;
  readonly rows: number;
  readonly columns: number;
}

/**
 * The weights of a network that is served, in their order in the file, normalisations folded in: `front`, `body1`…, `wide`, `attention`,
 * `weights` and `head`, each a kernel (inputs × outputs, row by row; of a layer that sees several frames the earliest first) and, but for
 * `weights`, a bias.
 */
export function servedWeights(shape: SequenceShape): { readonly list: readonly Weights[]; readonly length: number } {
  const { inputs, width, dilations, attention, classes } = shape;
  const layers: [name: string, rows: number, columns: number, bias: boolean][] = [
    ['front', FRONT_HOPS * inputs.length, width, true],
    ...dilations.map((_, index): [string, number, number, boolean] => [`body${index + 1}`, TAPS * width, width, true]),
    ['wide', width, 2 * width, true],
    ['attention', 2 * width, attention, true],
    // Its bias would be the same factor in every weight of a channel, and so nothing in their ratio.
    ['weights', attention, 2 * width, false],
    ['head', 4 * width, classes, true],
  ];
  const list: Weights[] = [];
  let at = 0;
  for (const [name, rows, columns, bias] of layers) {
    list.push({ name: `${name}/kernel`, at, rows, columns });
    at += rows * columns;
    if (!bias) continue;
    list.push({ name: `${name}/bias`, at, rows: 1, columns });
    at += columns;
  }
  return { list, length: at };
}

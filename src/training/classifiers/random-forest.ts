import { binned } from './bins.ts';
import type { Learned, Learner, Matrix } from './learner.ts';
import { addOutputs, growTree, parametersOf, type Tree } from './tree.ts';

const TREES = 200;
const MAX_DEPTH = 30;
/** Of a class that no tree has ever seen in a leaf: ln 0 would outvote everything. */
const LEAST_SHARE = 1e-3;

/**
 * A random forest (Breiman, Random Forests, 2001): trees on rows drawn with replacement, that look at √columns columns
 * for each split. Its score is ln of the mean share of a class in the leaves.
 */
export function randomForest({ trees = TREES }: { readonly trees?: number } = {}): Learner {
  return {
    name: 'random-forest',
    variant: { trees },
    defaults: { minLeafRows: 3 },
    candidates: [10, 3, 1].map((minLeafRows) => ({ minLeafRows })),
    async learn({ x, truth, classes, weights, random, pause }, { minLeafRows = 1 }) {
      const bins = binned(x);
      const grown: Tree[] = [];
      for (let tree = 0; tree < trees; tree++) {
        const rows = Int32Array.from({ length: x.rows }, () => random.index(x.rows)).sort();
        const growth = {
          bins,
          targets: weights,
          weights,
          outputOf: truth,
          outputs: classes,
          l2: 0,
          maxDepth: MAX_DEPTH,
          minLeafRows,
          columns: Int32Array.from({ length: x.columns }, (_, column) => column),
          columnsPerSplit: Math.max(1, Math.round(Math.sqrt(x.columns))),
          random,
        };
        grown.push(growTree(growth, rows));
        await pause((tree + 1) / trees);
      }
      return forest(grown, classes);
    },
  };
}

function forest(trees: readonly Tree[], classes: number): Learned {
  return {
    parameters: trees.reduce((total, tree) => total + parametersOf(tree), 0),
    scores: (x: Matrix) => {
      const shares = new Float64Array(x.rows * classes);
      for (const tree of trees) addOutputs(tree, x, shares, classes, 0, 1 / trees.length);
      return Float32Array.from(shares, (share) => Math.log(Math.max(share, LEAST_SHARE)));
    },
  };
}

// The thread of a store runs JavaScript: these tests use the built package, which `npm test` builds first.
export const STORE = new URL('../../dist/store/index.js', import.meta.url).href;

type StoreRoom = typeof import('../../src/store/index.ts');

export const builtStore = (): Promise<StoreRoom> => import(STORE) as Promise<StoreRoom>;

export { type PoolOptions, WorkerPool } from './pool.ts';

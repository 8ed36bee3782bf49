export { httpApp } from './app.ts';
export { answerClientError, MAX_HEADER_BYTES } from './client-error.ts';
export type { HttpContext, KeptCalls } from './context.ts';
export { Exposition, type MetricSources } from './metrics/exposition.ts';
export { Page } from './page.ts';
export { type Readiness, type ReadinessFacts, readinessOf } from './readiness.ts';
export { type KeptFileKind, keptFile } from './reports/kept-file.ts';
export { Reporter } from './reports/reporter.ts';
export { Turnstile } from './turnstile.ts';

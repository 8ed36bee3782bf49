export type { AlertDesk } from './alert-desk.ts';
export { type Desk, type DeskOptions, openDesk } from './desk.ts';
export type { FloorListener, LiveFloor } from './live-calls.ts';
export { OPEN_POLICY, withheldRoles } from './policy.ts';
export type { RulesDesk } from './rules-holder.ts';
export { keptPolicy, type SettingsDesk } from './settings.ts';
export {
  isAlertSeen,
  withholdFromCorrections,
  withholdFromDetail,
  withholdFromPage,
  withholdFromPoints,
  withholdFromSummary,
} from './withhold-answers.ts';
export { withholdFromEvents } from './withhold-events.ts';
export { withholdFromMetrics } from './withhold-metrics.ts';

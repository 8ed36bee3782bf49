export {
  type AlertDesk,
  type Desk,
  type DeskOptions,
  type FloorListener,
  type LiveFloor,
  openDesk,
  type RulesDesk,
  type SettingsDesk,
} from './desk.ts';

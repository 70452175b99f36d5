// The API's answers as the dashboard calls them.
// schema.ts is generated: npm run api -- OPENAPI.json -o src/api/schema.ts
import type { components } from './schema';

type Schemas = components['schemas'];
export type Hub = Schemas['HubView'];
export type HubTrend = Schemas['HubTrendView'];
export type Backlog = Schemas['BacklogSummary'];
export type ReportedChannel = Schemas['ReportedChannelView'];
export type DeviceDetail = Schemas['DeviceDetail'];
export type Workload = Schemas['WorkloadView'];
export type StoredChannel = Schemas['StoredChannel'];
export type ReadingPoint = Schemas['ReadingPoint'];
export type Readings = Schemas['ReadingsResponse'];
export type Placement = Schemas['PlacementView'];
export type Move = Schemas['MoveView'];
export type Plan = Schemas['PlanResponse'];
export type PlanDevice = Schemas['PlanDeviceView'];
export type Pin = Schemas['PinView'];
export type Blackout = Schemas['BlackoutView'];
export type PlanControls = Schemas['PlanControlsView'];
export type PlaceOption = Schemas['PlaceOptionView'];
export type Explanation = Schemas['ExplanationView'];
export type Job = Schemas['JobView'];
export type UsageRow = Schemas['UsageRow'];
export type Usage = Schemas['UsageResponse'];
export type Device = Schemas['DeviceSummary'];
export type DeviceSummary = Device;
export type Alarm = Schemas['AlarmView'] & { severity: Severity };
export type AlarmComment = Schemas['AlarmCommentView'];
export type BulkResult = Schemas['BulkResult'];
export type AuditEntry = Schemas['AuditItem'] & { outcome: 'done' | 'refused' | 'failed' };
export type AuditVerdict = Schemas['AuditVerdictView'];
export type Account = Schemas['AccountView'] & { role: Role };
export type AccessToken = Schemas['TokenView'] & { role: Role };
export type SessionItem = Schemas['SessionItem'];
export type Session = Schemas['SessionView'] & { role: Role };
export type LogLine = Schemas['LogLineView'];
export type Rule = Schemas['RuleView'] & { severity: Severity };
export type Site = Schemas['SiteView'];
export type Model = Schemas['ModelView'];
export type SavedView = Schemas['SavedView'];
export type LiveReadings = Schemas['LiveReadings'];
export type LiveDevices = Schemas['LiveDevices'];
export type LiveAlarms = Schemas['LiveAlarms'];
export type LivePlan = Schemas['LivePlan'];

export type Role = 'viewer' | 'operator' | 'admin';
export type Severity = 'info' | 'warning' | 'critical';

export interface Problem {
  status: number;
  title: string;
  detail?: string;
  errors?: Record<string, string[]>;
}

// The API's answers as the dashboard calls them. schema.ts is generated: npm run api -- OPENAPI.json -o src/api/schema.ts
import type { components } from './schema';

type Schemas = components['schemas'];
export type HubStatus = Schemas['HubStatus'];
export type SummaryRow = Schemas['SummaryRow'];
export type Summary = Schemas['SummaryResponse'];
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
export type Device = Schemas['DeviceSummary'] & { tags?: string[] };

export interface Session { name: string; role: Role; tenant: string; sites: string[] | null; csrf: string }
export type Role = 'viewer' | 'operator' | 'admin';
export type Severity = 'info' | 'warning' | 'critical';

export interface Problem { status: number; title: string; detail?: string; errors?: Record<string, string[]> }

export interface Alarm {
  id: number; device: string; site: string; rule: string; channel: string; severity: Severity; state: string; transition: string;
  timeMicros: number; raisedMicros: number; raised: number; clearedMicros: number | null; value: number | null; message: string;
  acknowledged: boolean; acknowledgedBy: string | null; acknowledgedMicros: number | null; assignee: string | null; comments: number;
}

export interface AlarmComment { id: number; author: string; timeMicros: number; text: string }
export interface BulkResult { done: number; failed: number; results: { target: string; ok: boolean; detail: string | null }[] }

export interface AuditEntry {
  sequence: number; timeMicros: number; actor: string; kind: string; address: string; action: string; target: string;
  outcome: 'done' | 'refused' | 'failed'; before: unknown; after: unknown; hash: string;
}

export interface AuditVerdict { sound: boolean; entries: number; lastHash: string; firstBroken: number | null; fault: string | null }

export interface Account {
  name: string; role: Role; sites: string[] | null; createdMicros: number; lastSignInMicros: number | null;
  lockedUntilMicros: number | null; sessions: number; tokens: number;
}

export interface AccessToken {
  id: number; account: string; name: string; role: Role; scopes: string[]; sites: string[] | null; createdMicros: number;
  expiresMicros: number; usedMicros: number | null; token?: string;
}

export interface SessionItem {
  id: number; account: string; createdMicros: number; seenMicros: number; expiresMicros: number; address: string; agent: string; current: boolean;
}

/** Where on a floor plan: shares of its width and height, 0 to 1. */
export interface Spot { device: string; x: number; y: number }
export interface Site {
  site: string; devices: number; online: number; activeAlarms: number; latitude: number | null; longitude: number | null;
  floorPlan: string | null; spots: Spot[];
}

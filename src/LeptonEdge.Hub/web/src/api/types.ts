// The API's answers as the dashboard uses them.
export interface Session { name: string; role: Role; tenant: string; sites: string[] | null; csrf: string }
export type Role = 'viewer' | 'operator' | 'admin';
export type Severity = 'info' | 'warning' | 'critical';

export interface Problem { status: number; title: string; detail?: string; errors?: Record<string, string[]> }

export interface HubStatus {
  tenant: string; version: string; startedMicros: number; planVersion: number; batches: number; moves: number;
  brokerConnected: boolean; residentBytes: number;
}

export interface SummaryRow {
  device: string; channel: string; source: string; unit: string; simulated: boolean; upload: string;
  readingsPerSecond: number; readings: number; invalid: number; workload: string | null; model: string | null;
  inferencesPerSecond: number; place: string | null; backlogRecords: number; backlogBytes: number;
  activeAlarms: number; online: boolean; lastSeenMicros: number; chartChannel: string | null; distrust: string | null;
}

export interface Summary { timeMicros: number; hub: HubStatus; rows: SummaryRow[] }

export interface Backlog { batches: number; records: number; bytes: number; shedRecords: number }

export interface Device {
  device: string; online: boolean; lastSeenMicros: number; site: string; board: string; agentVersion: string;
  cpuLoad: number; memoryBytes: number; memoryUsedBytes: number; residentBytes: number; laneUtilisation: number;
  hubRttSeconds: number; channels: number; workloads: number; activeAlarms: number; backlog: Backlog;
  desiredVersion: number; planVersion: number; startedMicros: number; tags?: string[];
}

export interface ReportedChannel {
  channel: string; source: string; unit: string; simulated: boolean; upload: string; readingsPerSecond: number;
  readings: number; invalid: number;
}

export interface DeviceDetail {
  summary: Device; channels: ReportedChannel[]; workloads: Workload[]; activeAlarms: Alarm[];
}

export interface Workload {
  device: string; workload: string; channel: string; model: string; modelVersion: string; executionProvider: string;
  place: string; recipe: string; plannedPlace: string | null; reason: string | null; deadlineSeconds: number;
  inferencesPerSecond: number; windowsPerSecond: number; inferencesLocal: number; inferencesHub: number;
  inferencesPeer: number; late: number; fallbacks: number; localP50Seconds: number; localP99Seconds: number;
  hubP50Seconds: number; hubP99Seconds: number; hubModel: string; providerReason: string; modelRefused: string;
}

export interface StoredChannel { channel: string; readings: number; firstMicros: number; lastMicros: number }

export interface ReadingPoint {
  timeMicros: number; min: number | null; max: number | null; mean: number | null; last: number | null; count: number;
}

export interface Readings {
  device: string; channel: string; fromMicros: number; toMicros: number; bucketMicros: number; points: ReadingPoint[];
}

export interface Alarm {
  id?: number; device: string; rule: string; channel: string; severity: Severity; transition: string;
  timeMicros: number; value: number | null; message: string;
}

export interface Placement {
  device: string; workload: string; place: string; node: string; recipe: string; before: string | null;
  nodeBefore: string | null; preparing: boolean; reason: string; sinceMicros: number;
}

export interface Move {
  device: string; workload: string; from: string; to: string; fromNode: string; toNode: string; cause: string;
  reason: string; timeMicros: number;
}

export interface Plan {
  version: number; madeMicros: number; placements: Placement[]; moves: Move[]; costPerHour: number;
  boundPerHour: number; gap: number | null;
}

export interface PlanDevice {
  device: string; down: boolean; drained: boolean; distrust: string | null; seenMicros: number; measuredMicros: number;
  foreignCores: number; placedCores: number; capacityCores: number;
}

export interface Pin { device: string; workload: string; node: string; recipe?: string | null }
export interface Blackout { from: string; to: string; days: string[] }
export interface PlanControls { pins: Pin[]; drained: string[]; blackouts: Blackout[] }
export interface PlaceOption { node: string; recipe: string; latencySeconds: number | null; costPerHour: number | null; limit: string | null }
export interface Explanation {
  placement: Placement; why: string | null; options: PlaceOption[];
  waiting: { from: string; to: string; gainPerHour: number; waitsFor: string } | null;
}

export interface Job {
  id: number; state: string; kind: string; model: string; device: string | null; channel: string | null; priority: number;
  submittedMicros: number; startedMicros: number; endedMicros: number; deadlineMicros: number; done: number; total: number;
  resultItems: number; resultBytes: number; reason: string;
  findings: { windows: number; invalid: number; aboveThreshold: number; threshold: number; scoreMax: number | null; labels: Record<string, number> } | null;
}

export interface UsageRow {
  tenant: string | null; site: string | null; device: string | null; workload: string | null; model: string | null; node: string | null;
  inferences: number; verdicts: number; coreSeconds: number; acceleratorSeconds: number; bytes: number; joules: number;
  energy: string; cost: number;
}

export interface Usage {
  fromMicros: number; toMicros: number; resolution: string; by: string; currency: string; rows: UsageRow[]; total: UsageRow;
}

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

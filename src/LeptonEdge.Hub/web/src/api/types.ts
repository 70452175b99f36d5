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

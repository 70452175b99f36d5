import type { QueryClient, QueryKey } from '@tanstack/react-query';
import type { Device, DeviceDetail, Job, LiveAlarms, LiveDevices, LivePlan, Plan } from '../api/types';
import type { ServerEvent } from './events';

const CALM_MS = 700;

/** Writes events into the cache of queries. What an event only hints at is asked for again, by whoever shows it. */
export class LiveCache {
  private readonly stale = new Map<string, QueryKey>();
  private planVersion: number | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly queries: QueryClient) {}

  take({ name, data }: ServerEvent): void {
    switch (name) {
      case 'devices':
        return this.devices(JSON.parse(data) as LiveDevices);
      case 'rows':
        return this.rows(JSON.parse(data) as Device[]);
      case 'alarms':
        return this.alarms(JSON.parse(data) as LiveAlarms);
      case 'plan':
        return this.plan(JSON.parse(data) as LivePlan);
      case 'jobs':
        return this.jobs((JSON.parse(data) as { jobs: Job[] }).jobs);
      case 'hub':
        this.queries.setQueryData(['hub'], JSON.parse(data) as object);
    }
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private devices(news: LiveDevices): void {
    this.queries.setQueryData<LiveDevices>(['live', 'devices'], news);
    const off = new Set(news.offline);
    const complete = news.total - news.online === off.size;
    const known = this.queries.getQueryData<Device[]>(['devices']);
    if (known) {
      const next = patched(known, off, complete);
      if (next !== known) this.queries.setQueryData<Device[]>(['devices'], next);
      // A list that is under way may be older than this.
      const under = this.queries.isFetching({ queryKey: ['devices'], exact: true }) > 0;
      if (!complete || under || known.length !== news.total) this.askAgain(['devices']);
    }
    this.queries.setQueriesData<DeviceDetail>({ queryKey: ['device'] }, (detail) => {
      if (!detail) return undefined;
      const online = !off.has(detail.summary.device);
      return online === detail.summary.online ? undefined : { ...detail, summary: { ...detail.summary, online } };
    });
    this.askAgain(['plan', 'devices']);
    this.askAgain(['sites']);
    this.askAgain(['devices', 'wanting']);
  }

  private rows(news: Device[]): void {
    const fresh = new Map(news.map((row) => [row.device, row]));
    const known = this.queries.getQueryData<Device[]>(['devices']);
    if (known) {
      const next = known.map((row) => fresh.get(row.device) ?? row);
      this.queries.setQueryData<Device[]>(['devices'], next);
    }
    this.queries.setQueriesData<DeviceDetail>({ queryKey: ['device'] }, (detail) => {
      const summary = detail && fresh.get(detail.summary.device);
      return summary ? { ...detail, summary } : undefined;
    });
  }

  private alarms(news: LiveAlarms): void {
    const before = this.queries.getQueryData<LiveAlarms>(['live', 'alarms']);
    this.queries.setQueryData<LiveAlarms>(['live', 'alarms'], news);
    // The first state comes beside the lists that the page has just asked for.
    if (before) this.askAgain(['alarms']);
  }

  private plan(news: LivePlan): void {
    const known = this.queries.getQueryData<Plan>(['plan']);
    const before = this.planVersion ?? known?.version ?? news.version;
    this.planVersion = news.version;
    if (before === news.version) return;
    if (known) {
      const { version, madeMicros, moves } = news;
      this.queries.setQueryData<Plan>(['plan'], { ...known, version, madeMicros, moves });
    }
    for (const key of [['plan'], ['workloads'], ['moves']]) this.askAgain(key);
  }

  private jobs(news: Job[]): void {
    this.queries.setQueryData<Job[]>(['jobs'], (before) => {
      const fresh = new Map(news.map((job) => [job.id, job]));
      const rest = (before ?? []).filter((job) => !fresh.has(job.id));
      return before && [...news, ...rest].sort((one, two) => two.submittedMicros - one.submittedMicros);
    });
  }

  /** Many events in a row ask once. */
  private askAgain(key: QueryKey): void {
    this.stale.set(JSON.stringify(key), key);
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      const keys = [...this.stale.values()];
      this.stale.clear();
      for (const queryKey of keys) void this.queries.invalidateQueries({ queryKey });
    }, CALM_MS);
  }
}

/** Rows that did not change stay the same objects, and are not drawn again. */
function patched(devices: Device[], off: ReadonlySet<string>, complete: boolean): Device[] {
  let changed = false;
  const next = devices.map((device) => {
    const online = complete ? !off.has(device.device) : device.online && !off.has(device.device);
    if (online === device.online) return device;
    changed = true;
    return { ...device, online };
  });
  return changed ? next : devices;
}

import { pathOf, send } from '../api/client';
import { readEvents, type ServerEvent } from './events';

export type LiveState = 'opening' | 'live' | 'away';
/** Marks the names of channels of which each reading is told, and of devices whose rows are. */
const POINTS = 'points:';
const ROWS = 'rows:';

export const pointsOf = (device: string, channel: string): string => `${POINTS}${device}/${channel}`;
export const rowOf = (device: string): string => `${ROWS}${device}`;
export type Topic = 'devices' | 'alarms' | 'plan' | 'jobs' | 'hub';

const GROWN_MS = 60;
const SHRUNK_MS = 8000;
const SILENT_MS = 25_000;
const AGAIN_MS = 500;
const AGAIN_MAX_MS = 15_000;
// A longer list of channels would not fit into an address.
const IN_ADDRESS = 20;

/**
 * The one stream of this window. Components say what they follow while they are mounted; the stream is opened again a
 * moment after that changed, and after a failure with growing, scattered pauses.
 */
export class LiveStream {
  private readonly wanted = new Map<string, number>();
  private readonly takers = new Set<(event: ServerEvent) => void>();
  private readonly watchers = new Set<() => void>();
  private open = new Set<string>();
  private state_: LiveState = 'opening';
  private under: AbortController | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;
  private refused: (status: number) => void = () => {};

  get state(): LiveState {
    return this.state_;
  }

  /** Says with which status the hub refused the stream. */
  onRefused(act: (status: number) => void): void {
    this.refused = act;
  }

  watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  take(taker: (event: ServerEvent) => void): () => void {
    this.takers.add(taker);
    return () => this.takers.delete(taker);
  }

  /** Follows topics, channels and devices, until what it returns is called. */
  follow(names: string[]): () => void {
    for (const name of names) this.wanted.set(name, (this.wanted.get(name) ?? 0) + 1);
    this.changed();
    return () => {
      for (const name of names) {
        const left = (this.wanted.get(name) ?? 1) - 1;
        if (left > 0) this.wanted.set(name, left);
        else this.wanted.delete(name);
      }
      this.changed();
    };
  }

  close(): void {
    clearTimeout(this.timer);
    this.under?.abort();
    this.under = null;
    this.open = new Set();
  }

  private changed(): void {
    const grown = [...this.wanted.keys()].some((name) => !this.open.has(name));
    // What is followed for nothing costs little; opening again for each page that is left would cost more.
    if (grown) this.later(GROWN_MS);
    else if (this.wanted.size < this.open.size) this.later(SHRUNK_MS);
  }

  private later(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.run(), ms);
  }

  private async run(): Promise<void> {
    this.under?.abort();
    const under = new AbortController();
    this.under = under;
    this.open = new Set(this.wanted.keys());
    if (this.open.size === 0) return;
    let silence: ReturnType<typeof setTimeout> | undefined;
    const alive = () => {
      clearTimeout(silence);
      silence = setTimeout(() => under.abort('silent'), SILENT_MS);
    };
    try {
      const answer = await fetch(await this.address(), {
        signal: under.signal,
        headers: { accept: 'text/event-stream' },
      });
      if (!answer.ok || !answer.body) this.refused(answer.status);
      else {
        alive();
        this.failures = 0;
        this.become('live');
        await readEvents(answer.body, (event) => this.takers.forEach((taker) => taker(event)), alive);
      }
    } catch {
      // The hub is away, or the stream was given up for another one.
    } finally {
      clearTimeout(silence);
    }
    if (this.under !== under) return;
    this.become('away');
    const pause = Math.min(AGAIN_MAX_MS, AGAIN_MS * 2 ** this.failures++);
    this.later(pause * (0.5 + Math.random()));
  }

  private async address(): Promise<string> {
    const topics: string[] = [];
    const points: string[] = [];
    const rows: string[] = [];
    for (const name of this.open) {
      if (name.startsWith(POINTS)) points.push(name.slice(POINTS.length));
      else if (name.startsWith(ROWS)) rows.push(name.slice(ROWS.length));
      else topics.push(name);
    }
    if (points.length + rows.length > IN_ADDRESS) {
      const wish = { channels: [], topics, points, rows };
      const { id } = await send<{ id: string }>('POST', '/live/subscriptions', wish);
      return pathOf('/live', { subscription: id });
    }
    const query = new URLSearchParams({ topics: topics.join(',') });
    for (const channel of points) query.append('points', channel);
    if (rows.length > 0) query.append('rows', rows.includes('*') ? '*' : rows.join(','));
    return `/api/v1/live?${query}`;
  }

  private become(state: LiveState): void {
    if (state === this.state_) return;
    this.state_ = state;
    this.watchers.forEach((watcher) => watcher());
  }
}

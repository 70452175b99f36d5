import type { ReadingPoint } from '../../api/types';
import type { ChartData } from '../../charts/TimeChart';

const LIVE_MAX = 20_000;
// A pause of several usual steps is a gap: the line must not pretend that something was measured there.
const PAUSE_STEPS = 5;

export interface Sample {
  time: number;
  low: number | null;
  high: number | null;
  mean: number | null;
}

export const stored = (points: ReadingPoint[]): Sample[] =>
  points.map((point) => ({ time: point.timeMicros / 1e6, low: point.min, high: point.max, mean: point.mean }));

/** Live readings behind what there is, each once. */
export function joined(before: Sample[], points: [timeMicros: number, value: number | null][]): Sample[] {
  const last = before.at(-1)?.time ?? 0;
  const fresh = points
    .filter(([micros]) => micros / 1e6 > last)
    .map(([micros, value]) => ({ time: micros / 1e6, low: value, high: value, mean: value }));
  return fresh.length === 0 ? before : [...before, ...fresh].slice(-LIVE_MAX);
}

export function toChart(samples: Sample[], from: number, to: number): ChartData {
  const seen = samples.filter((sample) => sample.time >= from - 1 && sample.time <= to);
  const steps = seen
    .slice(1)
    .map((sample, i) => sample.time - seen[i]!.time)
    .sort((a, b) => a - b);
  const pause = Math.max(PAUSE_STEPS * (steps[steps.length >> 1] ?? 0), 1);
  const data: ChartData = { times: [], low: [], high: [], mean: [] };
  const add = (time: number, low: number | null, high: number | null, mean: number | null) => {
    data.times.push(time);
    data.low.push(low);
    data.high.push(high);
    data.mean.push(mean);
  };
  let before = Number.NaN;
  for (const { time, low, high, mean } of seen) {
    if (time - before > pause) add((before + time) / 2, null, null, null);
    add(time, low, high, mean);
    before = time;
  }

  return data;
}

export function extremes(data: ChartData): { low: number; high: number; last: number } | null {
  const [lows, highs, means] = [data.low, data.high, data.mean].map((values) =>
    values.filter((v): v is number => v !== null),
  );
  if (!means!.length) return null;
  return {
    low: lows!.reduce((a, b) => Math.min(a, b), Infinity),
    high: highs!.reduce((a, b) => Math.max(a, b), -Infinity),
    last: means!.at(-1)!,
  };
}

import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { get } from '../../api/client';
import type { Readings } from '../../api/types';
import { TimeChart } from '../../charts/TimeChart';
import { useLiveState, useReadings } from '../../live/LiveProvider';
import { number } from '../../ui/format';
import { Fault, Panel, Tag } from '../../ui/parts';
import { ChartControls } from './ChartControls';
import { endsOf, type Range } from './range';
import { extremes, joined, stored, toChart, type Sample } from './series';

const POINTS = 800;
const FOLLOW_SECONDS = 3600;
const NO_SAMPLES: Sample[] = [];

/** One channel over time: follows it live, or stands still at a stretch that was zoomed into. */
export function LiveChart({
  device,
  channel,
  unit,
  range,
  onRange,
}: {
  device: string;
  channel: string;
  unit: string;
  range: Range;
  onRange: (range: Range) => void;
}) {
  const { t } = useTranslation();
  const follows = 'seconds' in range;
  const now = useNow(follows ? (range.seconds <= FOLLOW_SECONDS ? 1000 : 10_000) : null);
  const [from, to] = endsOf(range, now);
  const address = `/devices/${device}/channels/${encodeURIComponent(channel)}/readings`;
  const query = useQuery({
    queryKey: ['readings', device, channel, follows ? range.seconds : [range.from, range.to]],
    queryFn: ({ signal }) => {
      const [first, last] = endsOf(range, Date.now() / 1000);
      return get<Readings>(
        address,
        { from: Math.round(first * 1e6), to: Math.round(last * 1e6), points: POINTS },
        signal,
      );
    },
    // Down-sampled again now and then, so that a long watch does not gather points without end.
    refetchInterval: follows ? Math.max(10_000, (range.seconds / POINTS) * 4000) : false,
  });
  const [live, setLive] = useState<Sample[]>(NO_SAMPLES);
  useEffect(() => setLive(NO_SAMPLES), [device, channel]);
  useReadings(device, channel, (points) => setLive((before) => joined(before, points)));
  const open = useLiveState() === 'live';
  const samples = useMemo(() => {
    const kept = query.data ? stored(query.data.points) : NO_SAMPLES;
    const last = kept.at(-1)?.time ?? 0;
    return follows ? [...kept, ...live.filter((sample) => sample.time > last)] : kept;
  }, [query.data, live, follows]);
  const data = useMemo(() => toChart(samples, from, to), [samples, from, to]);
  const found = extremes(data);
  const newest = live.at(-1)?.mean ?? found?.last;
  const loading = !query.data && !query.error;
  const words = found
    ? t('chart.words', {
        channel,
        count: data.times.length,
        low: number(found.low, 5),
        high: number(found.high, 5),
        unit,
      })
    : t('chart.nothing', { channel });
  return (
    <Panel
      title={<span className="code">{channel}</span>}
      end={
        <>
          {follows && <Tag tone={open ? 'good' : 'none'}>{open ? t('app.live') : t('chart.stale')}</Tag>}
          <output className="figures now" aria-label={t('chart.newest')}>
            {newest === undefined ? '–' : number(newest, 5)} {unit}
          </output>
        </>
      }
    >
      <ChartControls range={range} onRange={onRange} now={now} address={`${address}/export`} ends={[from, to]} />
      {query.error && !query.data ? (
        <Fault error={query.error} again={() => void query.refetch()} />
      ) : (
        <div aria-busy={loading}>
          <TimeChart
            data={data}
            from={from}
            to={to}
            unit={unit}
            label={words}
            onZoom={(a, b) => onRange({ from: a, to: b })}
          />
        </div>
      )}
      <p className="quiet small" role="status">
        {loading ? t('app.loading') : words}
      </p>
    </Panel>
  );
}

/** Seconds since 1970, moving on by itself at a pace; null stands still. */
function useNow(paceMs: number | null): number {
  const [now, setNow] = useState(() => Date.now() / 1000);
  useEffect(() => {
    setNow(Date.now() / 1000);
    if (paceMs === null) return undefined;
    const timer = setInterval(() => setNow(Date.now() / 1000), paceMs);
    return () => clearInterval(timer);
  }, [paceMs]);
  return now;
}

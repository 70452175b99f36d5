import { useEffect, useEffectEvent, useState } from 'react';
import { pathOf } from './client';

export type LivePoint = [timeMicros: number, value: number | null];
interface LiveReadings { device: string; channel: string; points: LivePoint[] }

/** Readings of a channel as the hub takes them in. False while the stream is away; the browser opens it again itself. */
export function useLiveReadings(device: string, channel: string | null, take: (points: LivePoint[]) => void): boolean {
  const [open, setOpen] = useState(false);
  const onPoints = useEffectEvent(take);
  useEffect(() => {
    if (!channel) return undefined;
    const stream = new EventSource(pathOf('/stream', { device, channel }));
    stream.onopen = () => setOpen(true);
    stream.onerror = () => setOpen(false);
    stream.addEventListener('readings', (event) => {
      const readings = JSON.parse((event as MessageEvent<string>).data) as LiveReadings;
      if (readings.device === device && readings.channel === channel) onPoints(readings.points);
    });
    return () => stream.close();
  }, [device, channel]);
  return open;
}

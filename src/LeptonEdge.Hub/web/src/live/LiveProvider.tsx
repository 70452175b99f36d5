import { useQueryClient } from '@tanstack/react-query';
import {
  createContext,
  useContext,
  useEffect,
  useEffectEvent,
  useState,
  useSyncExternalStore,
  type ReactNode,
} from 'react';
import type { LiveReadings } from '../api/types';
import { LiveCache } from './cache';
import { LiveStream, pointsOf, rowOf, type LiveState, type Topic } from './stream';

export type { LiveState };

const StreamContext = createContext<LiveStream | null>(null);

/** Holds the one stream of this window, and writes what it tells into the cache that all pages read. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const [stream] = useState(() => new LiveStream());
  useEffect(() => {
    const cache = new LiveCache(queries);
    // The session ended: what asks for it next shows the sign-in.
    stream.onRefused((status) => {
      if (status === 401) void queries.invalidateQueries({ queryKey: ['session'] });
    });
    const leave = stream.take((event) => cache.take(event));
    return () => {
      leave();
      cache.stop();
      stream.close();
    };
  }, [stream, queries]);
  return <StreamContext value={stream}>{children}</StreamContext>;
}

function useStream(): LiveStream {
  const stream = useContext(StreamContext);
  if (!stream) throw new Error('no stream: the component is outside of LiveProvider');
  return stream;
}

/** What the stream itself says of how it is. */
export function useLiveState(): LiveState {
  const stream = useStream();
  return useSyncExternalStore(stream.watch, () => stream.state);
}

/** Follows a topic while the component is mounted, unless it is not for who is signed in. */
export function useTopic(topic: Topic, allowed = true): void {
  const stream = useStream();
  useEffect(() => (allowed ? stream.follow([topic]) : undefined), [stream, topic, allowed]);
}

const AWAY_MS = 5000;

/** How often to ask again: seldom or never while the stream tells of changes, and at a slow pace while it is away. */
export function usePace(liveMs: number | false = false): number | false {
  return useLiveState() === 'live' ? liveMs : Math.max(AWAY_MS, liveMs || 0);
}

/** Follows the row of a device, or of all with an asterisk, while the component is mounted. */
export function useRows(device: string): void {
  const stream = useStream();
  useEffect(() => stream.follow([rowOf(device)]), [stream, device]);
}

/** Each reading of a channel as the hub stores it. */
export function useReadings(device: string, channel: string, take: (points: [number, number | null][]) => void): void {
  const stream = useStream();
  const onReadings = useEffectEvent(take);
  useEffect(() => {
    const leave = stream.take(({ name, data }) => {
      if (name !== 'readings') return;
      const readings = JSON.parse(data) as LiveReadings;
      if (readings.device === device && readings.channel === channel)
        onReadings(readings.points as [number, number | null][]);
    });
    const unfollow = stream.follow([pointsOf(device, channel)]);
    return () => {
      leave();
      unfollow();
    };
  }, [stream, device, channel]);
}

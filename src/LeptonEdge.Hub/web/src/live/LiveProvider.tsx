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
import type { LatestReading } from '../api/types';
import { LiveCache } from './cache';
import { LiveStream, type LiveState, type Topic } from './stream';

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

/** Follows a topic while the component is mounted. */
export function useTopic(topic: Topic): void {
  const stream = useStream();
  useEffect(() => stream.follow([topic]), [stream, topic]);
}

const AWAY_MS = 5000;

/** How often to ask again: seldom or never while the stream tells of changes, and at a slow pace while it is away. */
export function usePace(liveMs: number | false = false): number | false {
  return useLiveState() === 'live' ? liveMs : Math.max(AWAY_MS, liveMs || 0);
}

/** Newest values of a channel as the hub takes them in. */
export function useLiveValue(
  device: string,
  channel: string,
  take: (timeMicros: number, value: number | null) => void,
) {
  const stream = useStream();
  const onValue = useEffectEvent(take);
  useEffect(() => {
    const leave = stream.take(({ name, data }) => {
      if (name !== 'values') return;
      for (const reading of JSON.parse(data) as LatestReading[])
        if (reading.device === device && reading.channel === channel && reading.timeMicros !== null)
          onValue(reading.timeMicros, reading.value);
    });
    const unfollow = stream.follow([`${device}/${channel}`]);
    return () => {
      leave();
      unfollow();
    };
  }, [stream, device, channel]);
}

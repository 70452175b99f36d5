import { useEffect, useState } from 'react';
import { ApiError, get, pathOf, problemOf, type Page } from '../../api/client';
import type { LogLine } from '../../api/types';
import { readEvents } from '../../live/events';

export const LEVELS = ['trace', 'debug', 'information', 'warning', 'error', 'critical'] as const;
export type Level = (typeof LEVELS)[number];

const TAIL = 500;
const KEPT = 5000;
const AGAIN_MS = 3000;

export interface Log {
  lines: LogLine[];
  /** Null while the tail is asked for. */
  state: 'asking' | 'following' | 'standing' | 'failed';
  fault: ApiError | null;
}

/**
 * The newest lines of a device's log, and new ones as they are written. A change of `attempt` asks anew; without
 * `follow` it stands still.
 */
export function useLog(device: string, level: Level, follow: boolean, attempt: number): Log {
  const [log, setLog] = useState<Log>({ lines: [], state: 'asking', fault: null });
  useEffect(() => {
    const under = new AbortController();
    let again: ReturnType<typeof setTimeout> | undefined;
    const run = async () => {
      try {
        const tail = await get<Page<LogLine>>(`/devices/${device}/logs`, { lines: TAIL, level }, under.signal);
        setLog({ lines: tail.items, state: follow ? 'following' : 'standing', fault: null });
        if (!follow) return;
        const answer = await fetch(pathOf(`/devices/${device}/logs/follow`, { level }), { signal: under.signal });
        if (!answer.ok || !answer.body) throw new ApiError(await problemOf(answer));
        await readEvents(
          answer.body,
          ({ name, data }) => {
            if (name !== 'log') return;
            const line = JSON.parse(data) as LogLine;
            setLog((before) => ({ ...before, lines: [...before.lines, line].slice(-KEPT) }));
          },
          () => {},
        );
        throw new ApiError({ status: 0, title: 'ended' });
      } catch (fault) {
        if (under.signal.aborted) return;
        const refused = fault instanceof ApiError ? fault : new ApiError({ status: 0, title: String(fault) });
        setLog((before) => ({ ...before, state: 'failed', fault: refused }));
        // A stream that broke is taken up again; one that was refused waits until somebody asks.
        if (refused.status === 0) again = setTimeout(() => void run(), AGAIN_MS);
      }
    };
    void run();
    return () => {
      clearTimeout(again);
      under.abort();
    };
  }, [device, level, follow, attempt]);
  return log;
}

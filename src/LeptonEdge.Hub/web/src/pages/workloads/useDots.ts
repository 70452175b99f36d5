import { useEffect, useRef, useState } from 'react';
import type { Move } from '../../api/types';

const FLIGHT_MS = 2600;
// What moved before that was not seen to move: the first answer of the plan brings moves of the past along.
const RECENT_MICROS = 10e6;
const MOST = 40;

/** A move that is seen to happen: a dot flies from one side to the other. */
export interface Dot {
  key: string;
  move: Move;
}

/** Moves that came while the picture was looked at, each for as long as its dot flies. */
export function useDots(moves: Move[]): Dot[] {
  const [dots, setDots] = useState<Dot[]>([]);
  const seen = useRef<number | null>(null);
  useEffect(() => {
    const newest = moves.reduce((most, move) => Math.max(most, move.timeMicros), 0);
    const before = seen.current ?? newest;
    const recent = Date.now() * 1000 - RECENT_MICROS;
    seen.current = Math.max(before, newest);
    const fresh = moves
      .filter((move) => move.timeMicros > before && move.timeMicros > recent)
      .slice(0, MOST)
      .map((move) => ({ key: `${move.device} ${move.workload} ${move.timeMicros}`, move }));
    if (fresh.length === 0) return;
    setDots((flying) => [...flying, ...fresh].slice(-MOST));
    setTimeout(() => setDots((flying) => flying.filter((dot) => !fresh.includes(dot))), FLIGHT_MS);
  }, [moves]);
  return dots;
}

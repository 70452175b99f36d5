/** What of a channel is looked at: the last so many seconds, which moves on, or a stretch that stands still. */
export type Range = { seconds: number } | { from: number; to: number };

export const SPANS = [60, 300, 3600, 86_400, 604_800, 2_592_000, 31_536_000] as const;
const STANDARD = 300;
const SECONDS_MIN = 2;

export function rangeOf(search: string): Range {
  const query = new URLSearchParams(search);
  const [from, to] = [Number(query.get('from')), Number(query.get('to'))];
  if (from > 0 && to > from) return { from, to };
  const seconds = Number(query.get('range'));
  return { seconds: seconds > 0 ? seconds : STANDARD };
}

export function searchOf(search: string, range: Range, channel?: string): string {
  const query = new URLSearchParams(search);
  for (const key of ['from', 'to', 'range']) query.delete(key);
  if (channel) query.set('channel', channel);
  if ('seconds' in range) query.set('range', String(range.seconds));
  else {
    query.set('from', range.from.toFixed(3));
    query.set('to', range.to.toFixed(3));
  }

  return query.toString();
}

/** In seconds since 1970. */
export function endsOf(range: Range, now: number): [from: number, to: number] {
  return 'seconds' in range ? [now - range.seconds, now] : [range.from, range.to];
}

/** Nearer or wider around the middle; a factor below 1 is nearer. */
export function zoomed(range: Range, factor: number, now: number): Range {
  const [from, to] = endsOf(range, now);
  const half = Math.max(SECONDS_MIN, (to - from) * factor) / 2;
  const middle = (from + to) / 2;
  return { from: middle - half, to: Math.min(middle + half, Math.max(to, now)) };
}

/** Back or forth by a share of what is seen; never into the future. */
export function moved(range: Range, share: number, now: number): Range {
  const [from, to] = endsOf(range, now);
  const step = Math.min((to - from) * share, now - to);
  return { from: from + step, to: to + step };
}

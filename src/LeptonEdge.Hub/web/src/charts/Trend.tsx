import { useId } from 'react';

const [WIDTH, HEIGHT, TOP] = [240, 64, 4];

/** A line of the last hour, over its true time; what it says is in the figures beside it. Null is a gap. */
export function Trend({
  times,
  values,
  color = 's1',
  from,
  to,
  floor,
}: {
  times: number[];
  values: (number | null)[];
  color?: string;
  from: number;
  to: number;
  /** The axis begins there or lower; without it, what is drawn fills the height. */
  floor?: number;
}) {
  const id = useId();
  const known = values.filter((value): value is number => value !== null);
  if (known.length === 0) return <svg className="trend" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true" />;
  const [least, most] = [Math.min(...known), Math.max(...known)];
  const low = floor === undefined ? least - (most - least) * 0.1 : Math.min(floor, least);
  const span = most - low || Math.abs(most) || 1;
  const x = (time: number) => (((time - from) / (to - from || 1)) * WIDTH).toFixed(1);
  const y = (value: number) => (HEIGHT - 2 - ((value - low) / span) * (HEIGHT - 2 - TOP)).toFixed(1);
  const runs = stretches(times, values);
  return (
    <svg className="trend" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      <defs>
        <linearGradient id={id} x1="0" y1="0" x2="0" y2="1">
          <stop offset="0" stopColor={`var(--${color})`} stopOpacity=".28" />
          <stop offset="1" stopColor={`var(--${color})`} stopOpacity="0" />
        </linearGradient>
      </defs>
      {runs.map((run) => {
        const line = run.map(([time, value]) => `${x(time)},${y(value)}`).join(' ');
        return (
          <g key={run[0]![0]}>
            <polygon
              points={`${x(run[0]![0])},${HEIGHT} ${line} ${x(run.at(-1)![0])},${HEIGHT}`}
              fill={`url(#${id})`}
            />
            <polyline
              points={line}
              fill="none"
              stroke={`var(--${color})`}
              strokeWidth="1.8"
              vectorEffect="non-scaling-stroke"
              strokeLinejoin="round"
              strokeLinecap="round"
            />
          </g>
        );
      })}
    </svg>
  );
}

function stretches(times: number[], values: (number | null)[]): [number, number][][] {
  const runs: [number, number][][] = [];
  let run: [number, number][] = [];
  values.forEach((value, at) => {
    if (value !== null) run.push([times[at]!, value]);
    else if (run.length > 0) {
      runs.push(run);
      run = [];
    }
  });
  if (run.length > 0) runs.push(run);
  return runs;
}

import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { colorOf, useIsDark } from '../app/theme';
import { axisTime, number, time as timeText } from '../ui/format';

/** Columns of one height: times in seconds, values in the channel's unit; null is a gap in the line. */
export interface ChartData {
  times: number[];
  low: (number | null)[];
  high: (number | null)[];
  mean: (number | null)[];
}

const HEIGHT = 300;
const DRAG_MIN = 8;

/** A line with its band from lowest to highest. Dragging over a stretch zooms into it. */
export function TimeChart({
  data,
  from,
  to,
  unit,
  label,
  onZoom,
}: {
  data: ChartData;
  from: number;
  to: number;
  unit: string;
  label: string;
  onZoom: (from: number, to: number) => void;
}) {
  const { t } = useTranslation();
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot>(null);
  const zoom = useRef(onZoom);
  const span = useRef([from, to] as [number, number]);
  const dark = useIsDark();
  zoom.current = onZoom;
  span.current = [from, to];
  useEffect(() => {
    const box = place.current!;
    const made = new uPlot(
      options(
        box.clientWidth,
        unit,
        { time: t('alarms.time'), low: t('chart.low'), high: t('chart.high'), mean: t('chart.mean') },
        span,
        (a, b) => zoom.current(a, b),
      ),
      [[], [], [], []],
      box,
    );
    chart.current = made;
    const watch = new ResizeObserver(() => made.setSize({ width: box.clientWidth, height: HEIGHT }));
    watch.observe(box);
    return () => {
      watch.disconnect();
      made.destroy();
    };
  }, [dark, unit, t]);
  useEffect(() => {
    chart.current?.setData([data.times, data.low, data.high, data.mean] as uPlot.AlignedData);
  }, [data, from, to, dark, unit, t]);
  return (
    <div
      ref={place}
      className="chart"
      role="img"
      aria-label={label}
      data-points={data.times.length}
      data-from={from}
      data-to={to}
    />
  );
}

function options(
  width: number,
  unit: string,
  names: Record<'time' | 'low' | 'high' | 'mean', string>,
  span: { current: [number, number] },
  onZoom: (from: number, to: number) => void,
): uPlot.Options {
  const [ink, line, s1] = [colorOf('quiet'), colorOf('line'), colorOf('s1')];
  const axis: uPlot.Axis = {
    stroke: ink,
    grid: { stroke: line, width: 1 },
    ticks: { stroke: line, width: 1 },
    font: '12px system-ui',
  };
  return {
    width,
    height: HEIGHT,
    scales: { x: { time: true, range: () => span.current } },
    axes: [
      { ...axis, values: (_, splits, __, ___, step) => splits.map((split) => axisTime(split, step)) },
      { ...axis, size: 64, values: (_, ticks) => ticks.map((tick) => number(tick)) },
    ],
    series: [
      { label: names.time, value: (_, time) => (time == null ? '–' : timeText(time * 1e6)) },
      {
        label: names.low,
        stroke: 'transparent',
        points: { show: false },
        value: (_, v) => (v == null ? '–' : number(v, 5)),
      },
      {
        label: names.high,
        stroke: 'transparent',
        points: { show: false },
        value: (_, v) => (v == null ? '–' : number(v, 5)),
      },
      {
        label: unit ? `${names.mean} (${unit})` : names.mean,
        stroke: s1,
        width: 1.6,
        spanGaps: false,
        value: (_, v) => (v == null ? '–' : number(v, 5)),
      },
    ],
    bands: [{ series: [2, 1], fill: fade(s1) }],
    cursor: { drag: { x: true, y: false, setScale: false }, focus: { prox: -1 }, y: false },
    hooks: {
      setSelect: [
        (made) => {
          if (made.select.width < DRAG_MIN) return;
          const [a, b] = [
            made.posToVal(made.select.left, 'x'),
            made.posToVal(made.select.left + made.select.width, 'x'),
          ];
          made.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
          onZoom(a, b);
        },
      ],
    },
  };
}

const fade = (color: string): string =>
  color.replace(/^rgb\((.*)\)$/, (_, parts: string) => `rgba(${parts.replace(/ /g, ',').replace(/,+/g, ',')},.16)`);

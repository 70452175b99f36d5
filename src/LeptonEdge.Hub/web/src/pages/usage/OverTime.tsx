import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { get } from '../../api/client';
import type { Usage, UsageRow } from '../../api/types';
import { bytes, duration, money, number, time } from '../../ui/format';
import { Panel } from '../../ui/parts';
import { Choice } from '../../ui/fields';

const FIGURES = ['cost', 'inferences', 'core', 'bytes', 'energy'] as const;
type Figure = (typeof FIGURES)[number];

const STEPS = { hour: 3600e6, day: 86_400e6 } as const;
type Step = keyof typeof STEPS;

const VALUE: Record<Figure, (row: UsageRow) => number> = {
  cost: (row) => row.cost,
  inferences: (row) => row.inferences,
  core: (row) => row.coreSeconds,
  bytes: (row) => row.bytes,
  energy: (row) => row.joules / 3600,
};

function words(figure: Figure, value: number, currency: string): string {
  switch (figure) {
    case 'cost':
      return money(value, currency);
    case 'core':
      return duration(value);
    case 'bytes':
      return bytes(value);
    case 'energy':
      return `${number(value)} Wh`;
    default:
      return number(value);
  }
}

/** A bar for each hour or day; hours in which nothing was metered have none. */
export function OverTime({ days }: { days: number }) {
  const { t } = useTranslation();
  const [figure, setFigure] = useState<Figure>('cost');
  const step: Step = days > 7 ? 'day' : 'hour';
  const usage = useQuery({
    queryKey: ['usage', 'time', step, days],
    refetchInterval: 30_000,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => {
      const to = Date.now() * 1000;
      return get<Usage>('/usage', { by: step, from: to - days * 86_400e6, to }, signal);
    },
  });
  if (!usage.data || usage.data.rows.length === 0) return null;
  const { rows, fromMicros, toMicros, currency } = usage.data;
  return (
    <Panel
      title={t(`usage.over.${step}`)}
      end={
        <Choice label={t('usage.figure')} value={figure} onChange={(value) => setFigure(value as Figure)}>
          {FIGURES.map((id) => (
            <option key={id} value={id}>
              {t(`usage.figures.${id}`)}
            </option>
          ))}
        </Choice>
      }
    >
      <Bars
        rows={rows}
        from={fromMicros}
        to={toMicros}
        step={STEPS[step]}
        value={VALUE[figure]}
        say={(value) => words(figure, value, currency)}
      />
    </Panel>
  );
}

function Bars({
  rows,
  from,
  to,
  step,
  value,
  say,
}: {
  rows: UsageRow[];
  from: number;
  to: number;
  step: number;
  value: (row: UsageRow) => number;
  say: (value: number) => string;
}) {
  const { t } = useTranslation();
  const first = Math.floor(from / step) * step;
  const places = Math.max(1, Math.ceil((to - first) / step));
  const most = rows.reduce((highest, row) => (value(row) > value(highest) ? row : highest));
  const top = value(most);
  const width = 100 / places;
  return (
    <figure className="bars">
      <svg
        viewBox="0 0 100 40"
        preserveAspectRatio="none"
        role="img"
        aria-label={t('usage.highest', { value: say(top), time: time(most.fromMicros ?? from) })}
      >
        {rows.map((row) => {
          const height = top > 0 ? (value(row) / top) * 38 : 0;
          const at = row.fromMicros ?? from;
          return (
            <rect
              key={at}
              x={((at - first) / step) * width + width * 0.1}
              y={40 - height}
              width={width * 0.8}
              height={height}
            >
              <title>{`${time(at)}: ${say(value(row))}`}</title>
            </rect>
          );
        })}
      </svg>
      <figcaption>
        <span>{time(first)}</span>
        <span>{t('usage.highest', { value: say(top), time: time(most.fromMicros ?? from) })}</span>
        <span>{time(to)}</span>
      </figcaption>
    </figure>
  );
}

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { get } from '../../api/client';
import type { Usage, UsageRow } from '../../api/types';
import { usePace } from '../../live/LiveProvider';
import { bytes, count, duration, money, number } from '../../ui/format';
import { Answer, Empty, PageHead, Panel, Stat } from '../../ui/parts';
import { sorted, VirtualTable, type Column, type Sort } from '../../ui/VirtualTable';
import { Choice } from '../../ui/fields';
import { OverTime } from './OverTime';

const BY = ['device', 'site', 'workload', 'model', 'node'] as const;
const DAYS = [1, 7, 30] as const;
type By = (typeof BY)[number];

export default function UsagePage() {
  const { t } = useTranslation();
  const [by, setBy] = useState<By>('device');
  const [days, setDays] = useState<number>(1);
  const usage = useQuery({
    queryKey: ['usage', by, days],
    refetchInterval: usePace(20_000),
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => {
      const to = Date.now() * 1000;
      return get<Usage>('/usage', { by, from: to - days * 86_400e6, to }, signal);
    },
  });
  return (
    <>
      <PageHead title={t('nav.usage')}>
        <Choice label={t('usage.by')} value={by} onChange={(value) => setBy(value as By)}>
          {BY.map((id) => (
            <option key={id} value={id}>
              {t(`usage.per.${id}`)}
            </option>
          ))}
        </Choice>
        <Choice label={t('usage.span')} value={days} onChange={(value) => setDays(Number(value))}>
          {DAYS.map((span) => (
            <option key={span} value={span}>
              {t(`usage.days.d${span}`)}
            </option>
          ))}
        </Choice>
      </PageHead>
      <Answer query={usage} lines={8}>
        {(data) => <Bill usage={data} by={by} days={days} />}
      </Answer>
    </>
  );
}

function Bill({ usage, by, days }: { usage: Usage; by: By; days: number }) {
  const { t } = useTranslation();
  const [sort, setSort] = useState<Sort>({ column: 'cost', down: true });
  const { total } = usage;
  const most = Math.max(...usage.rows.map((row) => row.cost), 0);
  const columns = useMemo(
    (): Column<UsageRow>[] => [
      {
        id: 'name',
        name: t(`usage.per.${by}`),
        track: 'minmax(9rem, 2fr)',
        by: (r) => r[by] ?? '',
        cell: (r) => r[by] || t('usage.other'),
      },
      {
        id: 'cost',
        name: t('usage.cost'),
        track: 'minmax(9rem, 1fr)',
        numeric: true,
        by: (r) => r.cost,
        cell: (r) => (
          <span className="meter">
            <span className="bar" aria-hidden="true">
              <i style={{ width: `${most > 0 ? (r.cost / most) * 100 : 0}%` }} />
            </span>
            <span>{money(r.cost, usage.currency)}</span>
          </span>
        ),
      },
      {
        id: 'inferences',
        name: t('overview.inferences'),
        track: '8rem',
        numeric: true,
        by: (r) => r.inferences,
        cell: (r) => count(r.inferences),
      },
      {
        id: 'core',
        name: t('usage.core'),
        track: '8rem',
        numeric: true,
        by: (r) => r.coreSeconds,
        cell: (r) => duration(r.coreSeconds),
      },
      {
        id: 'bytes',
        name: t('usage.bytes'),
        track: '8rem',
        numeric: true,
        by: (r) => r.bytes,
        cell: (r) => bytes(r.bytes),
      },
      {
        id: 'energy',
        name: t('usage.energy'),
        track: '9rem',
        numeric: true,
        by: (r) => r.joules,
        cell: (r) => <span title={r.energy}>{r.joules > 0 ? `${number(r.joules / 3600)} Wh` : '–'}</span>,
      },
    ],
    [t, by, most, usage.currency],
  );
  const rows = useMemo(() => sorted(usage.rows, columns, sort), [usage.rows, columns, sort]);
  return (
    <div className="stack">
      <div className="stats">
        <Stat label={t('usage.cost')} value={money(total.cost, usage.currency)} />
        <Stat label={t('overview.inferences')} value={number(total.inferences)} />
        <Stat
          label={t('usage.core')}
          value={duration(total.coreSeconds)}
          note={
            total.acceleratorSeconds > 0 ? t('usage.accelerator', { time: duration(total.acceleratorSeconds) }) : ''
          }
        />
        <Stat label={t('usage.bytes')} value={bytes(total.bytes)} />
        <Stat
          label={t('usage.energy')}
          value={total.joules > 0 ? number(total.joules / 3600) : '–'}
          unit="Wh"
          note={t(`usage.sources.${total.energy as 'none'}`, { defaultValue: total.energy })}
        />
      </div>
      <OverTime days={days} />
      <Panel flush>
        {rows.length === 0 ? (
          <Empty icon="usage" title={t('usage.none')}>
            {t('usage.noneHint')}
          </Empty>
        ) : (
          <VirtualTable
            label={t('nav.usage')}
            rows={rows}
            columns={columns}
            keyOf={(row) => row[by] ?? ''}
            sort={sort}
            onSort={setSort}
            height={`min(${rows.length * 36 + 40}px, 40rem)`}
            least="50rem"
          />
        )}
      </Panel>
    </div>
  );
}

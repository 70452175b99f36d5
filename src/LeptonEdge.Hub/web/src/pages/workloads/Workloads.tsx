import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { useControls, useCurrency, usePlan, useSummary, useWorkloads } from '../../api/queries';
import type { Workload } from '../../api/types';
import { ago, count, money, number, percent, seconds } from '../../ui/format';
import { Answer, Empty, PageHead, Panel, PlaceTag, Stat, Tag } from '../../ui/parts';
import { useNarrow } from '../../ui/useNarrow';
import { sorted, VirtualTable, type Column, type Sort } from '../../ui/VirtualTable';
import { FlowPicture } from './FlowPicture';
import { MoveList } from './MoveList';

const placeOf = (work: Workload): string => (work.recipe === 'whole' ? work.place : work.recipe);

export default function Workloads() {
  const { t } = useTranslation();
  const [workloads, plan] = [useWorkloads(), usePlan()];
  return (
    <>
      <PageHead title={t('nav.workloads')} />
      <div className="stack">
        <PlanFigures />
        <div className="grid wide-left">
          <Panel title={t('work.picture')}>
            <Answer query={workloads}>{(all) => <FlowPicture workloads={all} moves={plan.data?.moves ?? []} />}</Answer>
          </Panel>
          <Panel title={t('work.moves')}>
            <Answer query={plan}>{(now) => <MoveList moves={now.moves} />}</Answer>
          </Panel>
        </div>
        <Answer query={workloads} lines={8}>
          {(all) => <Table workloads={all} />}
        </Answer>
      </div>
    </>
  );
}

function PlanFigures() {
  const { t } = useTranslation();
  const [plan, controls, summary, currency] = [usePlan(), useControls(), useSummary(), useCurrency()];
  return (
    <div className="stats">
      <Stat
        label={t('work.plan')}
        value={count(plan.data?.version ?? 0)}
        note={plan.data ? ago(plan.data.madeMicros) : ''}
      />
      <Stat
        label={t('work.cost')}
        value={money(plan.data?.costPerHour ?? 0, currency)}
        unit={t('overview.perHour')}
        note={t('work.bound', { bound: money(plan.data?.boundPerHour ?? 0, currency) })}
      />
      <Stat
        label={t('work.gap')}
        value={plan.data?.gap == null ? '–' : percent(plan.data.gap, 2)}
        note={t('work.gapHint')}
      />
      <Stat
        label={t('work.pins')}
        value={count(controls.data?.pins.length ?? 0)}
        note={t('work.drained', { count: controls.data?.drained.length ?? 0 })}
      />
      <Stat label={t('overview.moves')} value={count(summary.data?.hub.moves ?? 0)} />
    </div>
  );
}

function Table({ workloads }: { workloads: Workload[] }) {
  const { t } = useTranslation();
  const narrow = useNarrow();
  const [text, setText] = useState('');
  const [place, setPlace] = useState('');
  const [sort, setSort] = useState<Sort>({ column: 'workload', down: false });
  const columns = useMemo(() => columnsOf(t, narrow), [t, narrow]);
  const shown = useMemo(() => {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    return sorted(
      workloads.filter(
        (work) =>
          (!place || placeOf(work) === place)
          && words.every((word) => `${work.device} ${work.workload} ${work.model}`.toLowerCase().includes(word)),
      ),
      columns,
      sort,
    );
  }, [workloads, columns, sort, text, place]);
  return (
    <Panel
      title={t('work.all')}
      flush
      end={
        <>
          <input
            type="search"
            className="input inline"
            aria-label={t('work.search')}
            placeholder={t('work.search')}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
          <select
            className="input inline"
            aria-label={t('work.place')}
            value={place}
            onChange={(event) => setPlace(event.target.value)}
          >
            <option value="">{t('work.anyPlace')}</option>
            {(['local', 'peer', 'hub', 'cascade', 'split'] as const).map((id) => (
              <option key={id} value={id}>
                {t(`place.${id}`)}
              </option>
            ))}
          </select>
        </>
      }
    >
      {shown.length === 0 ? (
        <Empty icon="workloads" title={t('work.none')}>
          {t('work.noneHint')}
        </Empty>
      ) : (
        <VirtualTable
          label={t('work.all')}
          rows={shown}
          columns={columns}
          keyOf={(work) => `${work.device}/${work.workload}`}
          sort={sort}
          onSort={setSort}
          height={`min(${shown.length * 36 + 40}px, 34rem)`}
          least={narrow ? undefined : '62rem'}
        />
      )}
    </Panel>
  );
}

function columnsOf(t: ReturnType<typeof useTranslation>['t'], narrow: boolean): Column<Workload>[] {
  const all: (Column<Workload> & { wide?: boolean })[] = [
    {
      id: 'workload',
      name: t('work.workload'),
      track: 'minmax(10rem, 1.4fr)',
      by: (w) => `${w.device}/${w.workload}`,
      cell: (w) => (
        <Link href={`/workloads/${w.device}/${w.workload}`}>
          {w.device}/{w.workload}
        </Link>
      ),
    },
    {
      id: 'place',
      name: t('work.place'),
      track: '7rem',
      flex: true,
      by: placeOf,
      cell: (w) => (
        <>
          <PlaceTag place={placeOf(w)} />
          {w.plannedPlace && w.recipe === 'whole' && w.plannedPlace !== w.place && (
            <Tag tone="warn">→ {t(`place.${w.plannedPlace as 'hub'}`)}</Tag>
          )}
        </>
      ),
    },
    {
      id: 'why',
      name: t('work.why'),
      track: 'minmax(8rem, 2fr)',
      wide: true,
      cell: (w) => <span title={w.reason ?? ''}>{w.reason ?? ''}</span>,
    },
    {
      id: 'model',
      name: t('work.model'),
      track: 'minmax(8rem, 1fr)',
      wide: true,
      by: (w) => w.model,
      cell: (w) => `${w.model}/${w.modelVersion}`,
    },
    {
      id: 'rate',
      name: t('work.rate'),
      track: '6rem',
      numeric: true,
      by: (w) => w.inferencesPerSecond,
      cell: (w) => `${number(w.inferencesPerSecond)}${t('overview.perSecond')}`,
    },
    {
      id: 'p99',
      name: t('work.p99'),
      track: '10rem',
      numeric: true,
      wide: true,
      by: (w) => w.localP99Seconds,
      cell: (w) =>
        `${seconds(w.place === 'local' ? w.localP99Seconds : w.hubP99Seconds)} / ${seconds(w.deadlineSeconds)}`,
    },
    {
      id: 'late',
      name: t('work.late'),
      track: '6rem',
      numeric: true,
      by: (w) => w.late,
      cell: (w) => <span className={w.late > 0 ? 'warn' : ''}>{count(w.late)}</span>,
    },
  ];
  return all.filter((column) => !narrow || !column.wide);
}

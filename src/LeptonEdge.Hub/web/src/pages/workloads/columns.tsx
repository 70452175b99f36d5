import type { TFunction } from 'i18next';
import { Link } from 'wouter';
import type { Workload } from '../../api/types';
import type { CsvColumn } from '../../ui/csv';
import { count, number, seconds } from '../../ui/format';
import { PlaceTag, Tag, Words } from '../../ui/parts';
import type { Column } from '../../ui/VirtualTable';
import { nameOf, placeOf } from './places';

export function columnsOf(t: TFunction, narrow: boolean): Column<Workload>[] {
  const all: (Column<Workload> & { wide?: boolean })[] = [
    {
      id: 'workload',
      name: t('work.workload'),
      track: 'minmax(10rem, 1.4fr)',
      by: (w) => nameOf(w),
      cell: (w) => (
        <Link href={`/workloads/${nameOf(w)}`}>
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
      cell: (w) => (
        <span title={w.reason ?? ''}>
          <Words>{w.reason ?? ''}</Words>
        </span>
      ),
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

export const WORK_CSV: CsvColumn<Workload>[] = [
  { name: 'device', value: (w) => w.device },
  { name: 'workload', value: (w) => w.workload },
  { name: 'place', value: placeOf },
  { name: 'model', value: (w) => `${w.model}/${w.modelVersion}` },
  { name: 'inferences_per_second', value: (w) => w.inferencesPerSecond },
  { name: 'deadline_seconds', value: (w) => w.deadlineSeconds },
  { name: 'local_p99_seconds', value: (w) => w.localP99Seconds },
  { name: 'hub_p99_seconds', value: (w) => w.hubP99Seconds },
  { name: 'late', value: (w) => w.late },
  { name: 'reason', value: (w) => w.reason },
];

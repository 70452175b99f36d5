import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { getAll } from '../../api/client';
import type { Move } from '../../api/types';
import { usePace, useTopic } from '../../live/LiveProvider';
import { saveCsv, type CsvColumn } from '../../ui/csv';
import { ago, count, time } from '../../ui/format';
import { Answer, Empty, Panel, PlaceTag, Tag, Words } from '../../ui/parts';
import { useNarrow } from '../../ui/useNarrow';
import { VirtualTable, type Column } from '../../ui/VirtualTable';
import { Choice, Search } from '../../ui/fields';
import { nameOf } from './places';

const SPANS = [3600, 86_400, 604_800, 2_592_000] as const;
const CAUSES = [
  'gain',
  'recovery',
  'threatened',
  'missed',
  'late',
  'linklost',
  'nodedown',
  'pinned',
  'drained',
  'yields',
  'refused',
] as const;
const MOST = 5000;

/** Every move of a chosen time, newest first. */
export function MoveTable() {
  const { t } = useTranslation();
  useTopic('plan');
  const [span, setSpan] = useState<number>(86_400);
  const [cause, setCause] = useState('');
  const [text, setText] = useState('');
  const moves = useQuery({
    queryKey: ['moves', span, cause],
    // A move is in the archive a moment after the plan tells of it.
    refetchInterval: usePace(3000),
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => {
      const sinceMicros = Math.round((Date.now() / 1000 - span) * 1e6);
      return getAll<Move>('/plan/moves', { sinceMicros, cause }, signal, MOST);
    },
  });
  const shown = useMemo(() => {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    return (moves.data ?? []).filter((move) => {
      const all = `${nameOf(move)} ${move.fromNode} ${move.toNode}`.toLowerCase();
      return words.every((word) => all.includes(word));
    });
  }, [moves.data, text]);
  return (
    <>
      <div className="filters">
        <Search label={t('work.search')} value={text} onChange={setText} />
        <Choice label={t('work.span')} value={span} onChange={(value) => setSpan(Number(value))}>
          {SPANS.map((seconds) => (
            <option key={seconds} value={seconds}>
              {t(`work.spans.s${seconds}`)}
            </option>
          ))}
        </Choice>
        <Choice label={t('work.cause')} value={cause} onChange={setCause}>
          <option value="">{t('work.anyCause')}</option>
          {CAUSES.map((id) => (
            <option key={id} value={id}>
              {t(`work.causes.${id}`)}
            </option>
          ))}
        </Choice>
        <button type="button" className="button plain" onClick={() => saveCsv('moves', shown, MOVE_CSV)}>
          {t('act.exportCsv')}
        </button>
        <span className="quiet small" role="status">
          {t('work.movesShown', { count: count(shown.length) })}
        </span>
      </div>
      <Panel flush>
        <Answer query={moves} lines={8}>
          {() => <Rows moves={shown} />}
        </Answer>
      </Panel>
    </>
  );
}

function Rows({ moves }: { moves: Move[] }) {
  const { t } = useTranslation();
  const narrow = useNarrow();
  const columns = useMemo(() => {
    const place = (at: string, node: string) => (
      <>
        <PlaceTag place={at} />
        <span className="quiet cut">{node}</span>
      </>
    );
    const all: (Column<Move> & { wide?: boolean })[] = [
      {
        id: 'time',
        name: t('alarms.time'),
        track: '9rem',
        cell: (m) => <time title={time(m.timeMicros)}>{ago(m.timeMicros)}</time>,
      },
      {
        id: 'workload',
        name: t('work.workload'),
        track: 'minmax(9rem, 1.2fr)',
        cell: (m) => <Link href={`/workloads/${nameOf(m)}`}>{nameOf(m)}</Link>,
      },
      {
        id: 'from',
        name: t('work.from'),
        track: '11rem',
        flex: true,
        wide: true,
        cell: (m) => place(m.from, m.fromNode),
      },
      { id: 'to', name: t('work.to'), track: '11rem', flex: true, cell: (m) => place(m.to, m.toNode) },
      {
        id: 'cause',
        name: t('work.cause'),
        track: '10rem',
        flex: true,
        cell: (m) => <Tag>{t(`work.causes.${m.cause as 'gain'}`, { defaultValue: m.cause })}</Tag>,
      },
      {
        id: 'reason',
        name: t('work.reason'),
        track: 'minmax(10rem, 3fr)',
        wide: true,
        cell: (m) => (
          <span title={m.reason}>
            <Words>{m.reason}</Words>
          </span>
        ),
      },
    ];
    return all.filter((column) => !narrow || !column.wide);
  }, [t, narrow]);
  if (moves.length === 0)
    return (
      <Empty icon="workloads" title={t('work.movesNone')}>
        {t('work.movesNoneHint')}
      </Empty>
    );
  return (
    <VirtualTable
      label={t('work.movesOver')}
      rows={moves}
      columns={columns}
      least={narrow ? '36rem' : '64rem'}
      keyOf={(move) => `${nameOf(move)} ${move.timeMicros} ${move.toNode}`}
      height={`min(${moves.length * 36 + 40}px, calc(100dvh - 16rem))`}
    />
  );
}

const MOVE_CSV: CsvColumn<Move>[] = [
  { name: 'time', value: (m) => new Date(m.timeMicros / 1000).toISOString() },
  { name: 'device', value: (m) => m.device },
  { name: 'workload', value: (m) => m.workload },
  { name: 'from', value: (m) => m.from },
  { name: 'from_node', value: (m) => m.fromNode },
  { name: 'to', value: (m) => m.to },
  { name: 'to_node', value: (m) => m.toNode },
  { name: 'cause', value: (m) => m.cause },
  { name: 'reason', value: (m) => m.reason },
];

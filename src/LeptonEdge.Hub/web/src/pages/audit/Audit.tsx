import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { get, getAll } from '../../api/client';
import type { AuditEntry, AuditVerdict } from '../../api/types';
import { usePace } from '../../live/LiveProvider';
import { count, time } from '../../ui/format';
import { Answer, Empty, PageHead, Panel, Tag } from '../../ui/parts';
import { useNarrow } from '../../ui/useNarrow';
import { saveCsv, type CsvColumn } from '../../ui/csv';
import { VirtualTable, type Column } from '../../ui/VirtualTable';
import { Search } from '../../ui/fields';
import { differences } from './difference';
import { EntryDialog } from './EntryDialog';
import { TONE } from './tone';

const MOST = 3000;

/** Every change that somebody asked for, in a chain that shows if anyone tampers with it. */
export default function Audit() {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const audit = useQuery({
    queryKey: ['audit'],
    refetchInterval: usePace(10_000),
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => getAll<AuditEntry>('/audit', {}, signal, MOST),
  });
  const verify = useMutation({ mutationFn: () => get<AuditVerdict>('/audit/verify') });
  return (
    <>
      <PageHead title={t('nav.audit')}>
        <button type="button" className="button" onClick={() => saveCsv('audit', audit.data ?? [], AUDIT_CSV)}>
          {t('act.exportCsv')}
        </button>
        <button type="button" className="button" onClick={() => verify.mutate()} disabled={verify.isPending}>
          {t('audit.verify')}
        </button>
      </PageHead>
      {verify.data && (
        <div className={`strip ${verify.data.sound ? 'good' : ''}`} role="status">
          <span className="wrap">
            {verify.data.sound
              ? t('audit.sound', { entries: count(verify.data.entries), hash: verify.data.lastHash.slice(0, 16) })
              : t('audit.broken', { at: verify.data.firstBroken ?? 0, fault: verify.data.fault ?? '' })}
          </span>
        </div>
      )}
      {verify.error && (
        <div className="strip" role="alert">
          {verify.error.message}
        </div>
      )}
      <div className="filters">
        <Search label={t('audit.search')} value={text} onChange={setText} />
      </div>
      <Panel flush>
        <Answer query={audit} lines={10}>
          {(all) => <Entries entries={all} text={text} />}
        </Answer>
      </Panel>
    </>
  );
}

function Entries({ entries, text }: { entries: AuditEntry[]; text: string }) {
  const { t } = useTranslation();
  const narrow = useNarrow();
  const [open, setOpen] = useState<AuditEntry | null>(null);
  const shown = useMemo(() => {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    return entries.filter((entry) =>
      words.every((word) =>
        `${entry.actor} ${entry.action} ${entry.target} ${entry.outcome}`.toLowerCase().includes(word),
      ),
    );
  }, [entries, text]);
  const columns = useMemo((): Column<AuditEntry>[] => {
    const all: (Column<AuditEntry> & { wide?: boolean })[] = [
      { id: 'sequence', name: '#', track: '4.5rem', numeric: true, wide: true, cell: (e) => count(e.sequence) },
      { id: 'time', name: t('alarms.time'), track: '10rem', cell: (e) => time(e.timeMicros) },
      { id: 'actor', name: t('audit.actor'), track: 'minmax(6rem, 1fr)', cell: (e) => e.actor },
      {
        id: 'kind',
        name: t('audit.kind'),
        track: '8rem',
        wide: true,
        cell: (e) => t(`audit.kinds.${e.kind as 'session'}`, { defaultValue: e.kind }),
      },
      {
        id: 'action',
        name: t('audit.action'),
        track: 'minmax(8rem, 1.2fr)',
        cell: (e) => <span className="code">{e.action}</span>,
      },
      {
        id: 'target',
        name: t('audit.target'),
        track: 'minmax(7rem, 1.4fr)',
        cell: (e) => <span className="code" title={e.target}>{e.target}</span>,
      },
      {
        id: 'outcome',
        name: t('audit.outcome'),
        track: '7rem',
        flex: true,
        cell: (e) => <Tag tone={TONE[e.outcome]}>{t(`audit.outcomes.${e.outcome}`)}</Tag>,
      },
      {
        id: 'after',
        name: t('audit.change'),
        track: 'minmax(9rem, 2fr)',
        wide: true,
        cell: (e) => <Change entry={e} />,
      },
      {
        id: 'open',
        name: <span className="unseen">{t('act.open')}</span>,
        track: '5.5rem',
        numeric: true,
        cell: (e) => (
          <button
            type="button"
            className="button small"
            aria-label={`${t('act.open')} ${e.sequence}`}
            onClick={() => setOpen(e)}
          >
            {t('act.open')}
          </button>
        ),
      },
    ];
    return all.filter((column) => !narrow || !column.wide);
  }, [t, narrow]);
  if (shown.length === 0)
    return (
      <Empty icon="audit" title={t('audit.none')}>
        {t('audit.noneHint')}
      </Empty>
    );
  return (
    <>
      <VirtualTable
        label={t('nav.audit')}
        rows={shown}
        columns={columns}
        keyOf={(entry) => String(entry.sequence)}
        height={`min(${shown.length * 36 + 40}px, calc(100dvh - 14rem))`}
        least={narrow ? '40rem' : '68rem'}
      />
      {open && <EntryDialog entry={open} onClose={() => setOpen(null)} />}
    </>
  );
}

function Change({ entry }: { entry: AuditEntry }) {
  const text = differences(entry.before, entry.after)
    .map(({ field, before, after }) => `${field}: ${[before, after].filter((value) => value !== null).join(' → ')}`)
    .join('; ');
  return (
    <span className="code" title={text}>
      {text}
    </span>
  );
}

const AUDIT_CSV: CsvColumn<AuditEntry>[] = [
  { name: 'sequence', value: (e) => e.sequence },
  { name: 'time', value: (e) => new Date(e.timeMicros / 1000).toISOString() },
  { name: 'actor', value: (e) => e.actor },
  { name: 'kind', value: (e) => e.kind },
  { name: 'address', value: (e) => e.address },
  { name: 'action', value: (e) => e.action },
  { name: 'target', value: (e) => e.target },
  { name: 'outcome', value: (e) => e.outcome },
  { name: 'before', value: (e) => (e.before == null ? '' : JSON.stringify(e.before)) },
  { name: 'after', value: (e) => (e.after == null ? '' : JSON.stringify(e.after)) },
  { name: 'hash', value: (e) => e.hash },
];

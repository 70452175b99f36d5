import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { Alarm } from '../../api/types';
import { ago, number, time } from '../../ui/format';
import { SeverityTag, Tag, Words } from '../../ui/parts';
import { useNarrow } from '../../ui/useNarrow';
import { VirtualTable, type Column } from '../../ui/VirtualTable';

export function AlarmTable({
  alarms,
  onOpen,
  height,
}: {
  alarms: Alarm[];
  onOpen: (alarm: Alarm) => void;
  height: string;
}) {
  const { t } = useTranslation();
  const narrow = useNarrow();
  const columns = useMemo(() => {
    const all: (Column<Alarm> & { wide?: boolean })[] = [
      {
        id: 'severity',
        name: t('alarms.severity'),
        track: '6rem',
        flex: true,
        cell: (a) => <SeverityTag severity={a.severity} />,
      },
      {
        id: 'time',
        name: t('alarms.time'),
        track: '8rem',
        cell: (a) => <time title={time(a.raisedMicros)}>{ago(a.raisedMicros)}</time>,
      },
      {
        id: 'device',
        name: t('fleet.device'),
        track: 'minmax(7rem, 1fr)',
        cell: (a) => <Link href={`/devices/${a.device}`}>{a.device}</Link>,
      },
      { id: 'rule', name: t('alarms.rule'), track: 'minmax(8rem, 1fr)', wide: true, cell: (a) => a.rule },
      {
        id: 'message',
        name: t('alarms.message'),
        track: 'minmax(9rem, 3fr)',
        cell: (a) => (
          <span title={a.message}>
            <Words>{a.message}</Words>
          </span>
        ),
      },
      {
        id: 'value',
        name: t('alarms.value'),
        track: '6rem',
        numeric: true,
        wide: true,
        cell: (a) => (a.value === null ? '–' : number(a.value, 4)),
      },
      {
        id: 'state',
        name: t('alarms.state'),
        track: '13rem',
        flex: true,
        wide: true,
        cell: (a) => <AlarmState alarm={a} />,
      },
      {
        id: 'open',
        name: <span className="unseen">{t('alarms.open')}</span>,
        track: '6rem',
        numeric: true,
        cell: (a) => (
          <button
            type="button"
            className="button small"
            aria-label={`${t('alarms.open')} ${a.device} ${a.rule}`}
            onClick={() => onOpen(a)}
          >
            {t('alarms.open')}
          </button>
        ),
      },
    ];
    return all.filter((column) => !narrow || !column.wide);
  }, [t, narrow, onOpen]);
  return (
    <VirtualTable
      label={t('alarms.title')}
      rows={alarms}
      columns={columns}
      keyOf={(alarm) => String(alarm.id)}
      height={height}
      least={narrow ? '32rem' : '64rem'}
    />
  );
}

export function AlarmState({ alarm }: { alarm: Alarm }) {
  const { t } = useTranslation();
  const active = alarm.state === 'active';
  return (
    <>
      <Tag tone={active ? 'bad' : 'none'}>{t(active ? 'alarms.active' : 'alarms.cleared')}</Tag>
      {alarm.acknowledged ? (
        <Tag tone="good">{t('alarms.acknowledged')}</Tag>
      ) : (
        <span className="quiet small">{t('alarms.unacknowledged')}</span>
      )}
    </>
  );
}

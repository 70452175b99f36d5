import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { getAll } from '../../api/client';
import type { Alarm } from '../../api/types';
import { Answer, Empty, Panel } from '../../ui/parts';
import { AlarmDialog } from './AlarmDialog';
import { keyOf } from './alarmApi';
import { AlarmTable } from './AlarmTable';

const MOST = 2000;

/** Alarms of the fleet or of one device, with a filter. */
export function AlarmList({ device }: { device?: string }) {
  const { t } = useTranslation();
  const [state, setState] = useState('active');
  const [severity, setSeverity] = useState('');
  const [text, setText] = useState('');
  const [open, setOpen] = useState<Alarm | null>(null);
  const alarms = useQuery({
    queryKey: ['alarms', 'list', state, device ?? ''], refetchInterval: 2000, placeholderData: keepPreviousData,
    queryFn: ({ signal }) => getAll<Alarm>('/alarms', { state, device }, signal, MOST),
  });
  const shown = useMemo(() => {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    return (alarms.data ?? []).filter((alarm) => (!severity || alarm.severity === severity)
      && words.every((word) => `${alarm.device} ${alarm.rule} ${alarm.channel} ${alarm.message}`.toLowerCase().includes(word)));
  }, [alarms.data, severity, text]);
  const current = open && (alarms.data?.find((alarm) => keyOf(alarm) === keyOf(open)) ?? open);
  return (
    <>
      <div className="filters">
        <input type="search" className="input search" aria-label={t('alarms.search')} placeholder={t('alarms.search')} value={text} onChange={(event) => setText(event.target.value)} />
        <select className="input inline" aria-label={t('alarms.state')} value={state} onChange={(event) => setState(event.target.value)}>
          <option value="active">{t('alarms.active')}</option>
          <option value="all">{t('alarms.all')}</option>
        </select>
        <select className="input inline" aria-label={t('alarms.severity')} value={severity} onChange={(event) => setSeverity(event.target.value)}>
          <option value="">{t('alarms.anySeverity')}</option>
          {(['critical', 'warning', 'info'] as const).map((id) => <option key={id} value={id}>{t(`severity.${id}`)}</option>)}
        </select>
        <span className="quiet small" role="status">{t('alarms.shown', { count: shown.length })}</span>
      </div>
      <Panel flush>
        <Answer query={alarms} lines={8}>
          {() => shown.length === 0
            ? <Empty icon="check" title={state === 'active' ? t('overview.noAlarms') : t('alarms.none')}>{t('alarms.noneHint')}</Empty>
            : <AlarmTable alarms={shown} onOpen={setOpen} height={`min(${shown.length * 36 + 40}px, calc(100dvh - 14rem))`} />}
        </Answer>
      </Panel>
      {current && <AlarmDialog alarm={current} onClose={() => setOpen(null)} />}
    </>
  );
}

import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation, useSearch } from 'wouter';
import { getAll, send } from '../../api/client';
import type { Alarm, BulkResult } from '../../api/types';
import { useMay } from '../../app/session';
import { usePace, useTopic } from '../../live/LiveProvider';
import { saveCsv, type CsvColumn } from '../../ui/csv';
import { Answer, Empty, Panel } from '../../ui/parts';
import { say, sayFault } from '../../ui/Toasts';
import { Choice, Search } from '../../ui/fields';
import { AlarmDialog } from './AlarmDialog';
import { AlarmTable } from './AlarmTable';

const MOST = 5000;
const BULK_MAX = 1000;

const ALARM_CSV: CsvColumn<Alarm>[] = [
  { name: 'id', value: (a) => a.id },
  { name: 'raised', value: (a) => new Date(a.raisedMicros / 1000).toISOString() },
  { name: 'cleared', value: (a) => (a.clearedMicros ? new Date(a.clearedMicros / 1000).toISOString() : '') },
  { name: 'severity', value: (a) => a.severity },
  { name: 'device', value: (a) => a.device },
  { name: 'rule', value: (a) => a.rule },
  { name: 'channel', value: (a) => a.channel },
  { name: 'value', value: (a) => a.value },
  { name: 'message', value: (a) => a.message },
  { name: 'acknowledged_by', value: (a) => a.acknowledgedBy },
  { name: 'assignee', value: (a) => a.assignee },
];

/** Alarms of the fleet or of one device, with a filter. */
export function AlarmList({ device }: { device?: string }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const may = useMay('operator');
  useTopic('alarms');
  const [state, setState] = useState('active');
  const [severity, setSeverity] = useState('');
  const [seen, setSeen] = useState('');
  const [text, setText] = useState('');
  const [open, setOpen] = useState<Alarm | null>(null);
  const [path, go] = useLocation();
  const asked = Number(new URLSearchParams(useSearch()).get('open'));
  const alarms = useQuery({
    queryKey: ['alarms', 'list', state, device ?? ''],
    refetchInterval: usePace(),
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => getAll<Alarm>('/alarms', { state, device }, signal, MOST),
  });
  const shown = useMemo(() => {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    return (alarms.data ?? []).filter(
      (alarm) =>
        (!severity || alarm.severity === severity)
        && (!seen || alarm.acknowledged === (seen === 'yes'))
        && words.every((word) =>
          `${alarm.device} ${alarm.rule} ${alarm.channel} ${alarm.message}`.toLowerCase().includes(word),
        ),
    );
  }, [alarms.data, severity, seen, text]);
  const acknowledgeShown = async () => {
    const ids = shown.filter((alarm) => !alarm.acknowledged).map((alarm) => alarm.id);
    let [done, failed] = [0, 0];
    try {
      for (let at = 0; at < ids.length; at += BULK_MAX) {
        const part = { ids: ids.slice(at, at + BULK_MAX), action: 'acknowledge' };
        const result = await send<BulkResult>('POST', '/alarms/bulk', part);
        [done, failed] = [done + result.done, failed + result.failed];
      }
      say(t('fleet.bulkDone', { done, all: ids.length }), failed > 0);
    } catch (fault) {
      sayFault(fault);
    } finally {
      await queries.invalidateQueries({ queryKey: ['alarms'] });
    }
  };
  const current = alarms.data?.find((alarm) => alarm.id === (open?.id ?? asked)) ?? open;
  const close = () => {
    setOpen(null);
    if (asked) go(path, { replace: true });
  };
  return (
    <>
      <div className="filters">
        <Search label={t('alarms.search')} value={text} onChange={setText} />
        <Choice label={t('alarms.state')} value={state} onChange={setState}>
          <option value="active">{t('alarms.active')}</option>
          <option value="cleared">{t('alarms.cleared')}</option>
          <option value="all">{t('alarms.all')}</option>
        </Choice>
        <Choice label={t('alarms.severity')} value={severity} onChange={setSeverity}>
          <option value="">{t('alarms.anySeverity')}</option>
          {(['critical', 'warning', 'info'] as const).map((id) => (
            <option key={id} value={id}>
              {t(`severity.${id}`)}
            </option>
          ))}
        </Choice>
        <Choice label={t('alarms.acknowledged')} value={seen} onChange={setSeen}>
          <option value="">{t('alarms.anySeen')}</option>
          <option value="no">{t('alarms.unacknowledged')}</option>
          <option value="yes">{t('alarms.acknowledged')}</option>
        </Choice>
        {may && shown.some((alarm) => !alarm.acknowledged) && (
          <button type="button" className="button" onClick={() => void acknowledgeShown()}>
            {t('alarms.acknowledgeShown')}
          </button>
        )}
        <button type="button" className="button plain" onClick={() => saveCsv('alarms', shown, ALARM_CSV)}>
          {t('act.exportCsv')}
        </button>
        <span className="quiet small" role="status">
          {t('alarms.shown', { count: shown.length })}
        </span>
      </div>
      <Panel flush>
        <Answer query={alarms} lines={8}>
          {() =>
            shown.length === 0 ? (
              <Empty icon="check" title={state === 'active' ? t('overview.noAlarms') : t('alarms.none')}>
                {t('alarms.noneHint')}
              </Empty>
            ) : (
              <AlarmTable
                alarms={shown}
                onOpen={setOpen}
                height={`min(${shown.length * 36 + 40}px, calc(100dvh - 14rem))`}
              />
            )
          }
        </Answer>
      </Panel>
      {current && <AlarmDialog alarm={current} onClose={close} />}
    </>
  );
}

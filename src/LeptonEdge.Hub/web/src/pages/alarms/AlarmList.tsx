import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { getAll, send } from '../../api/client';
import type { Alarm, BulkResult } from '../../api/types';
import { useMay } from '../../app/session';
import { usePace, useTopic } from '../../live/LiveProvider';
import { Answer, Empty, Panel } from '../../ui/parts';
import { say, sayFault } from '../../ui/Toasts';
import { AlarmDialog } from './AlarmDialog';
import { AlarmTable } from './AlarmTable';

const MOST = 2000;
const BULK_MAX = 1000;

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
    try {
      const ids = shown
        .filter((alarm) => !alarm.acknowledged)
        .slice(0, BULK_MAX)
        .map((alarm) => alarm.id);
      const result = await send<BulkResult>('POST', '/alarms/bulk', { ids, action: 'acknowledge' });
      say(t('fleet.bulkDone', { done: result.done, all: ids.length }), result.failed > 0);
      await queries.invalidateQueries({ queryKey: ['alarms'] });
    } catch (fault) {
      sayFault(fault);
    }
  };
  const current = open && (alarms.data?.find((alarm) => alarm.id === open.id) ?? open);
  return (
    <>
      <div className="filters">
        <input
          type="search"
          className="input search"
          aria-label={t('alarms.search')}
          placeholder={t('alarms.search')}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <select
          className="input inline"
          aria-label={t('alarms.state')}
          value={state}
          onChange={(event) => setState(event.target.value)}
        >
          <option value="active">{t('alarms.active')}</option>
          <option value="cleared">{t('alarms.cleared')}</option>
          <option value="all">{t('alarms.all')}</option>
        </select>
        <select
          className="input inline"
          aria-label={t('alarms.severity')}
          value={severity}
          onChange={(event) => setSeverity(event.target.value)}
        >
          <option value="">{t('alarms.anySeverity')}</option>
          {(['critical', 'warning', 'info'] as const).map((id) => (
            <option key={id} value={id}>
              {t(`severity.${id}`)}
            </option>
          ))}
        </select>
        <select
          className="input inline"
          aria-label={t('alarms.acknowledged')}
          value={seen}
          onChange={(event) => setSeen(event.target.value)}
        >
          <option value="">{t('alarms.anySeen')}</option>
          <option value="no">{t('alarms.unacknowledged')}</option>
          <option value="yes">{t('alarms.acknowledged')}</option>
        </select>
        {may && shown.some((alarm) => !alarm.acknowledged) && (
          <button type="button" className="button" onClick={() => void acknowledgeShown()}>
            {t('alarms.acknowledgeShown')}
          </button>
        )}
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
      {current && <AlarmDialog alarm={current} onClose={() => setOpen(null)} />}
    </>
  );
}
